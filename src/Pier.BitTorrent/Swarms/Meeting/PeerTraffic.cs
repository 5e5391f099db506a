namespace Pier.BitTorrent.Swarms.Meeting;

/// <summary>What passed over connections to peers.</summary>
/// <param name="Downloaded">Bytes of blocks received, good or bad.</param>
/// <param name="Uploaded">Bytes of blocks sent.</param>
/// <param name="Duplicate">Bytes of blocks received that had come before.</param>
/// <param name="Unrequested">Bytes of blocks received unasked, or after they had been cancelled.</param>
public readonly record struct PeerTraffic(long Downloaded, long Uploaded, long Duplicate, long Unrequested)
{
    /// <summary>The sum with another's.</summary>
    public PeerTraffic Plus(PeerTraffic other) => new(
        Downloaded + other.Downloaded, Uploaded + other.Uploaded, Duplicate + other.Duplicate, Unrequested + other.Unrequested);
}
