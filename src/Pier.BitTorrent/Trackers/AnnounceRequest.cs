using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Trackers;

/// <summary>What a peer tells a tracker about itself and one swarm (BEP 3, 15).</summary>
public sealed record AnnounceRequest
{
    /// <summary>The swarm.</summary>
    public required InfoHash InfoHash { get; init; }

    /// <summary>Our id.</summary>
    public required PeerId PeerId { get; init; }

    /// <summary>TCP port we listen on.</summary>
    public required ushort Port { get; init; }

    /// <summary>Progress and wishes.</summary>
    public AnnounceStats Stats { get; init; }

    /// <summary>Occasion.</summary>
    public AnnounceEvent Event { get; init; }

    /// <summary>A number of ours that stays the same when our address changes.</summary>
    public uint Key { get; init; }

    /// <summary>What this tracker gave as <c>tracker id</c> before; sent back as it was.</summary>
    public ReadOnlyMemory<byte> TrackerId { get; init; }
}
