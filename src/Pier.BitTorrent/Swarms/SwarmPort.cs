using System.Net;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Metadata;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Provisional;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Swarms;

/// <summary>
/// The side of a swarm that other threads may touch: its bounded queue of events, and what its loop publishes for connections
/// to read.
/// </summary>
internal sealed class SwarmPort : ILinkOwner
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TorrentContent? _content;
    private volatile SwarmStatistics _statistics = SwarmStatistics.Empty;
    private volatile InfoBox _info;
    private volatile bool _isPrivate;
    private readonly Metainfo? _twin;
    private readonly PeerClassifier _classes;

    public SwarmPort(SwarmSpec spec, EngineServices services)
    {
        Options = services.Options;
        Time = services.Time;
        BlockHashes = services.BlockHashes;
        Windows = new ReaderWindows(WindowsMoved);
        Proved = new ProvedBlocks(span => TryPost(new SwarmEvent.BlocksWanted(span)), () => Windows.All.Count > 0, Time);
        Bandwidth = new TorrentBandwidth(services.Limits, spec.Limits, Time);
        Rank = new SwarmRank(services.Foreground, Bandwidth, Windows) { Priority = spec.Priority };
        Seeding = new SeedingWatch(spec.SeedingGoal ?? Options.SeedingGoal, Time);
        _classes = services.Classes;
        _twin = spec.Twin;
        Provisional = spec.Provisional;
        Vouched = spec.Provisional is { } provisional ? new VouchedPieces(provisional.Vouches) : null;
        _info = new InfoBox(spec.Metainfo?.Info ?? default);
        _isPrivate = spec.Metainfo?.IsPrivate == true;
    }

    /// <inheritdoc/>
    public TimeProvider Time { get; }

    /// <inheritdoc/>
    public BitTorrentOptions Options { get; }

    /// <inheritdoc/>
    public TorrentBandwidth Bandwidth { get; }

    /// <summary>Whether it goes before other torrents.</summary>
    public SwarmRank Rank { get; }

    /// <summary>When it has seeded enough.</summary>
    public SeedingWatch Seeding { get; }

    /// <inheritdoc/>
    public BlockHashServer BlockHashes { get; }

    /// <summary>Set while nobody has sealed the blob.</summary>
    public ProvisionalSpec? Provisional { get; }

    /// <summary>The hashes that stand in for the torrent's while it is provisional.</summary>
    public VouchedPieces? Vouched { get; }

    /// <summary>What readers wait for.</summary>
    public ReaderWindows Windows { get; }

    /// <summary>What came for readers who jump.</summary>
    public ProvedBlocks Proved { get; }

    /// <summary>Wakes readers.</summary>
    public PieceArrivals Arrivals { get; } = new();

    /// <summary>Work that runs beside the loop.</summary>
    public TaskSet Tasks { get; } = new();

    /// <inheritdoc/>
    public TorrentContent? Content
    {
        get => _content;
        set
        {
            _content = value;
            _opened.TrySetResult();
        }
    }

    /// <summary>Ends once the storage is open, and so what is missing is known.</summary>
    public Task Opened => _opened.Task;

    /// <inheritdoc/>
    public PeerClass ClassOf(IPAddress address) => _classes.Of(address);

    /// <summary>The info dictionary has become known.</summary>
    public void Publish(Metainfo metainfo)
    {
        _isPrivate = metainfo.IsPrivate;
        _info = new InfoBox(metainfo.Info);
    }

    /// <summary>Whether only its trackers may tell of the torrent's peers (BEP 27); false while that is not known.</summary>
    public bool IsPrivate => _isPrivate;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> InfoOf(InfoHash name) => IsTwin(name) ? _twin!.Info : _info.Bytes;

    /// <summary>Whether a name is the twin's.</summary>
    public bool IsTwin(InfoHash name) => _twin?.Id.WireHashes.Contains(name) == true;

    /// <summary>The latest snapshot.</summary>
    public SwarmStatistics Statistics
    {
        get => _statistics;
        set => _statistics = value;
    }

    /// <summary>What waits for the loop.</summary>
    public EventQueue Events { get; } = new();

    /// <summary>Queues an event, waiting while the loop is behind; false once the swarm has ended.</summary>
    public ValueTask<bool> TryPostAsync(SwarmEvent happened, CancellationToken cancellationToken) =>
        Events.TryPostAsync(happened, lendsThread: false, cancellationToken);

    /// <summary>Queues an event that matters to nobody once the swarm has ended.</summary>
    public async ValueTask PostAsync(SwarmEvent happened, CancellationToken cancellationToken) =>
        await TryPostAsync(happened, cancellationToken);

    /// <summary>Queues an event that may be missed; false when the queue is full or the swarm has ended.</summary>
    public bool TryPost(SwarmEvent happened) => Events.TryPost(happened);

    /// <inheritdoc/>
    public async ValueTask ReportAsync(SwarmEvent.PeerReport report, CancellationToken cancellationToken) =>
        await Events.TryPostAsync(report, lendsThread: true, cancellationToken);

    private void WindowsMoved()
    {
        Bandwidth.IsForeground = Rank.IsForeground;
        if (Windows.All.Count == 0)
        {
            Proved.Clear();
        }

        TryPost(new SwarmEvent.WindowsChanged());
    }

    private sealed record InfoBox(ReadOnlyMemory<byte> Bytes);
}
