using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Trackers;

/// <summary>Who announces, and under which names.</summary>
public sealed record TrackerAnnouncerOptions
{
    /// <summary>Names of the swarm: the wire hashes of a torrent, or a rendezvous id. Each is announced.</summary>
    public required IReadOnlyList<InfoHash> InfoHashes { get; init; }

    /// <summary>Our id.</summary>
    public required PeerId PeerId { get; init; }

    /// <summary>TCP port that peers reach us on.</summary>
    public required ushort Port { get; init; }

    /// <summary>Told to trackers so that they know us again; random and secret.</summary>
    public uint Key { get; init; }

    /// <summary>Shortest time between announces that only ask for more peers.</summary>
    public TimeSpan MorePeersInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Wait after the first failure; doubles with each.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest wait after failures.</summary>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long leaving may take.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(2);
}
