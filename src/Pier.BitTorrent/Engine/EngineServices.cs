using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Metadata;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms.Blocks;
using Pier.BitTorrent.Trackers;
using Pier.BitTorrent.Transports;
using Pier.BitTorrent.WebSeeds;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Engine;

/// <summary>What all swarms of an engine share.</summary>
/// <param name="Options">Settings.</param>
/// <param name="Time">The clock.</param>
/// <param name="Log">Where events go.</param>
/// <param name="PeerId">What we call ourselves.</param>
/// <param name="Memory">Memory for unfinished pieces.</param>
/// <param name="Verifier">Checks and stores pieces.</param>
/// <param name="Bans">Peers that sent bad data.</param>
/// <param name="Connections">The bound on connections.</param>
/// <param name="Trackers">Opens trackers.</param>
internal sealed record EngineServices(
    BitTorrentOptions Options,
    TimeProvider Time,
    ILogger Log,
    PeerId PeerId,
    PieceMemory Memory,
    IPieceVerifier Verifier,
    BanList Bans,
    ConnectionCount Connections,
    TrackerClient Trackers)
{
    /// <summary>What may pass.</summary>
    public LiveLimits Limits { get; init; } = new(Options.Limits, Connections, Time);

    /// <summary>How near a peer is.</summary>
    public PeerClassifier Classes { get; init; } = new(Options.IsMember, Time);

    /// <summary>Torrents that somebody waits for.</summary>
    public ForegroundSwarms Foreground { get; } = new();

    /// <summary>Torrents that give peers what nobody else has.</summary>
    public SpreadingSwarms Spreading { get; init; } = new();

    /// <summary>How connections come to be.</summary>
    public PeerDoors Doors { get; init; } = new(TcpPeerTransport.Instance, Options, Time, PeerId);

    /// <summary>What peers say of our addresses.</summary>
    public OwnAddresses OwnAddresses { get; } = new();

    /// <summary>Computes hashes that peers ask for.</summary>
    public BlockHashServer BlockHashes { get; } = new(Time);

    /// <summary>Peers that broke the protocol.</summary>
    public StrikeList Strikes { get; } = new(Time);

    /// <summary>Asks web seeds.</summary>
    public WebSeedClient WebSeeds { get; } = new();

    /// <summary>How peers are found without trackers.</summary>
    public PeerFinders Finders { get; init; } = new();

    /// <summary>The port that peers are told; set when the listener is up.</summary>
    public int ListenPort { get; set; }

    /// <summary>Breaks ties.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>How pieces are picked.</summary>
    public Func<ReaderWindows, Random, PiecePicker> Picker { get; init; } = PiecePicker.Usual;

    /// <summary>Bytes asked for at once: what peers understand (BEP 3), or larger units on a simulated network.</summary>
    public int BlockSize { get; init; } = WireLimits.BlockSize;
}
