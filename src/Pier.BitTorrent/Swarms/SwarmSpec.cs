using System.Net;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Provisional;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Swarms;

/// <summary>Makes the storage of a torrent once its metadata is known.</summary>
public delegate ValueTask<ITorrentStorage> StorageFactory(Metainfo metainfo, CancellationToken cancellationToken);

/// <summary>What a swarm is about: which torrent, where its bytes live, whom to ask first.</summary>
public sealed record SwarmSpec
{
    /// <summary>The torrent's info-hashes.</summary>
    public required TorrentId Id { get; init; }

    /// <summary>Opens the storage; called once, when the metadata is known.</summary>
    public required StorageFactory Storage { get; init; }

    /// <summary>The torrent; null when only its id is known and peers are to be asked for the rest (BEP 9).</summary>
    public Metainfo? Metainfo { get; init; }

    /// <summary>Which files are wanted; <see cref="Swarm.SelectAsync"/> changes it later.</summary>
    public FileChoice Files { get; init; } = FileChoice.All;

    /// <summary>Tiers of trackers (BEP 12); none is fine.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Trackers { get; init; } = [];

    /// <summary>Peers known from elsewhere.</summary>
    public IReadOnlyList<IPEndPoint> Peers { get; init; } = [];

    /// <summary>Web servers that have the files (BEP 19).</summary>
    public IReadOnlyList<string> WebSeeds { get; init; } = [];

    /// <summary>Web servers that are asked for pieces (BEP 17).</summary>
    public IReadOnlyList<string> HttpSeeds { get; init; } = [];

    /// <summary>How its peers may be found besides; for a private torrent this counts for nothing (BEP 27).</summary>
    public PeerDiscovery Discovery { get; init; }

    /// <summary>Rates of its own, instead of <see cref="EngineLimits.Torrent"/>; null where it has none. It has no connections of its own.</summary>
    public TransferLimits Limits { get; init; } = TransferLimits.None;

    /// <summary>Whether it goes before others.</summary>
    public SwarmPriority Priority { get; init; }

    /// <summary>When it stops to seed; null for <see cref="BitTorrentOptions.SeedingGoal"/>.</summary>
    public SeedingGoal? SeedingGoal { get; init; }

    /// <summary>Asked for each connection, in or out, before anything is told to the peer; null admits all.</summary>
    public Func<IPAddress, bool>? Admit { get; init; }

    /// <summary>
    /// Another torrent with the same pieces, like <see cref="V1Twin"/>: announced and served by the same swarm under its own
    /// name and with its own info dictionary.
    /// </summary>
    public Metainfo? Twin { get; init; }

    /// <summary>
    /// Rendezvous ids (design §4) under which this hybrid torrent is announced and met as well; who does not say <c>pier</c>
    /// there gets nothing. Needs <see cref="Metainfo"/>.
    /// </summary>
    public IReadOnlyList<InfoHash> RendezvousIds { get; init; } = [];

    /// <summary>The names under which trackers, DHT and local network hear of the torrent; null for all of them.</summary>
    public IReadOnlyList<InfoHash>? AnnouncedAs { get; init; }

    /// <summary>
    /// Once complete, show each peer only a few pieces at a time, so that little more than one copy is sent until all is out
    /// (BEP 16). For the first seed of new content behind a slow uplink.
    /// </summary>
    public bool SuperSeed { get; init; }

    /// <summary>Set while nobody has sealed the blob: members meet under its rendezvous id and pass on what is vouched for.</summary>
    public ProvisionalSpec? Provisional { get; init; }

    /// <summary>Every 20-byte name under which the torrent may be asked for.</summary>
    internal IEnumerable<InfoHash> WireHashes => Provisional is not null ? RendezvousIds : Id.WireHashes.Concat(Twin?.Id.WireHashes ?? []).Concat(RendezvousIds);

    /// <summary>The spec of a torrent that is known.</summary>
    public static SwarmSpec For(Metainfo metainfo, StorageFactory storage)
    {
        ArgumentNullException.ThrowIfNull(metainfo);
        return new SwarmSpec
        {
            Id = metainfo.Id,
            Metainfo = metainfo,
            Storage = storage,
            Trackers = metainfo.Envelope.TrackerTiers,
            WebSeeds = metainfo.Envelope.WebSeeds,
            HttpSeeds = metainfo.Envelope.HttpSeeds,
        };
    }

    /// <summary>The spec of a blob that nobody has sealed yet (design §4).</summary>
    public static SwarmSpec For(ProvisionalSpec provisional, StorageFactory storage)
    {
        ArgumentNullException.ThrowIfNull(provisional);
        var frame = ProvisionalTorrent.Create(provisional.Sha256Hex, provisional.Size);
        return new SwarmSpec
        {
            Id = frame.Id,
            Metainfo = frame,
            Storage = storage,
            Provisional = provisional,
            RendezvousIds = [provisional.RendezvousId],
            AnnouncedAs = [],
        };
    }

    /// <summary>The spec of a torrent of which only a magnet link is known: peers are asked for the rest, and its <c>so=</c> is followed.</summary>
    public static SwarmSpec For(MagnetLink magnet, StorageFactory storage)
    {
        ArgumentNullException.ThrowIfNull(magnet);
        return new SwarmSpec
        {
            Id = magnet.Id,
            Storage = storage,
            Files = FileChoice.Of(magnet),
            Trackers = magnet.TrackerTiers,
            Peers = [.. magnet.Peers.OfType<IPEndPoint>()],
            WebSeeds = magnet.WebSeeds,
        };
    }
}
