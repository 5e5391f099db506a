using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Tracking;

/// <summary>What our tracker answers to an announce, beside the peers.</summary>
/// <param name="Refusal">Why it says no; null when it does not.</param>
/// <param name="Counts">Size of the swarm, the asking peer included.</param>
/// <param name="PeerCount">Others in the swarm that were written for the asking peer.</param>
public readonly record struct RegistryAnswer(TrackerRefusal? Refusal, SwarmCounts Counts, int PeerCount)
{
    internal static RegistryAnswer No(TrackerRefusal refusal) => new(refusal, default, 0);
}
