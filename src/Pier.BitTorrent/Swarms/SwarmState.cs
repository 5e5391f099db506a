namespace Pier.BitTorrent.Swarms;

/// <summary>What a swarm is doing.</summary>
public enum SwarmState
{
    /// <summary>Asking peers for the info dictionary (BEP 9).</summary>
    FetchingMetadata,

    /// <summary>Opening the storage and finding out what it holds.</summary>
    Opening,

    /// <summary>Selected pieces are missing.</summary>
    Downloading,

    /// <summary>All selected pieces are here.</summary>
    Seeding,

    /// <summary>All pieces are here, and the seeding goal is reached: at rest, with no connections and announced nowhere.</summary>
    Finished,

    /// <summary>Gave up; <see cref="Swarm.Completion"/> says why.</summary>
    Failed,

    /// <summary>Removed.</summary>
    Stopped,
}
