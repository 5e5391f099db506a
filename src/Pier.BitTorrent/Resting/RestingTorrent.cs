using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Resting;

/// <summary>
/// A torrent that is here whole and that nobody asks for now: its names are in memory and nothing else, so that a node seeds
/// tens of thousands. The first peer that comes by one of the names wakes it.
/// </summary>
public sealed record RestingTorrent
{
    /// <summary>Its info-hashes.</summary>
    public required TorrentId Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>Bytes of its content.</summary>
    public required long Length { get; init; }

    /// <summary>Every 20-byte name under which peers may ask for it, those of a twin and rendezvous ids included.</summary>
    public required IReadOnlyList<InfoHash> WireHashes { get; init; }

    /// <summary>
    /// Reads what its swarm needs when a peer has come; the swarm rests again when nobody was connected for a while. Null when
    /// the content is gone; must not throw but when it is cancelled.
    /// </summary>
    public required Func<CancellationToken, ValueTask<SwarmSpec?>> Wake { get; init; }

    /// <summary>The one name of it that trackers, DHT and local network hear of, awake or not; null to tell nobody.</summary>
    public InfoHash? AnnouncedAs { get; init; }

    /// <summary>Tiers of trackers (BEP 12) that hear of it; the same list for many torrents costs nothing.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Trackers { get; init; } = [];

    /// <summary>How it is announced besides.</summary>
    public PeerDiscovery Discovery { get; init; }

    /// <summary>Whether it came just now: then it is announced at once, and otherwise in its turn.</summary>
    public bool IsNew { get; init; }
}
