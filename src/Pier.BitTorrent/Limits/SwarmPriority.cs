namespace Pier.BitTorrent.Limits;

/// <summary>Which torrents go first where bytes or requests are limited.</summary>
public enum SwarmPriority
{
    /// <summary>First while it has a reader's window.</summary>
    Normal,

    /// <summary>Always first.</summary>
    High,

    /// <summary>Never first: replication, prefetching. Its windows only order its pieces.</summary>
    Background,
}
