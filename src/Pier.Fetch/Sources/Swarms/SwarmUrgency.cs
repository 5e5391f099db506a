using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Swarms;
using Pier.Content.Contracts;
using Pier.Fetch.Delivery;

namespace Pier.Fetch.Sources.Swarms;

/// <summary>How soon a fetch's swarm has its turn: after the others while nobody waits for the blob, and like any once somebody does.</summary>
/// <param name="swarm">The swarm, begun with the priority of <see cref="Of"/>.</param>
/// <param name="sink">Tells who waits; null when that does not change.</param>
internal sealed class SwarmUrgency(Swarm swarm, IPartialSink? sink)
{
    // Raised once: what a person sets by hand after that stays.
    private bool _isRaised;

    /// <summary>The priority to begin with.</summary>
    public static SwarmPriority Of(FetchPriority priority) =>
        priority == FetchPriority.Background ? SwarmPriority.Background : SwarmPriority.Normal;

    /// <summary>Looks who waits by now.</summary>
    public void Look()
    {
        if (!_isRaised && sink is { Priority: > FetchPriority.Background })
        {
            _isRaised = true;
            if (swarm.Priority == SwarmPriority.Background)
            {
                swarm.Priority = SwarmPriority.Normal;
            }
        }
    }
}
