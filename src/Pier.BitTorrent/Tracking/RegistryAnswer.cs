using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Tracking;

/// <summary>What our tracker answers to an announce.</summary>
/// <param name="Refusal">Why it says no; null when it does not.</param>
/// <param name="Interval">When to announce again.</param>
/// <param name="MinInterval">The least time between announces.</param>
/// <param name="Counts">Size of the swarm, the asking peer included.</param>
/// <param name="Peers">Others in the swarm.</param>
public sealed record RegistryAnswer(
    string? Refusal,
    TimeSpan Interval,
    TimeSpan MinInterval,
    SwarmCounts Counts,
    IReadOnlyList<TrackedPeer> Peers);
