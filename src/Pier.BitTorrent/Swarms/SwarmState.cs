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

    /// <summary>Gave up; <see cref="Swarm.Completion"/> says why.</summary>
    Failed,

    /// <summary>Removed.</summary>
    Stopped,
}
