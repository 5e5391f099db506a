using System.Net;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.BitTorrent.WebSeeds;
using Pier.BitTorrent.Wire;
using Pier.Content;

namespace Pier.BitTorrent.Swarms;

/// <summary>One torrent in the hands of a <see cref="BitTorrentEngine"/>: downloads what is missing, serves what is here. Thread-safe.</summary>
public sealed class Swarm : IAsyncDisposable
{
    private readonly SwarmPort _port;
    private readonly SwarmOutcome _outcome = new();
    private readonly SwarmConnector _connector;
    private readonly SwarmAnnouncer _announcer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _selecting = new(1, 1);
    private readonly Task _running;
    private readonly Lazy<Task> _stopped;
    private readonly Func<Swarm, Task> _remove;

    internal Swarm(SwarmSpec spec, EngineServices services, Func<Swarm, Task> remove)
    {
        _remove = remove;
        Spec = spec;
        Id = spec.Id;
        Files = spec.Files;
        _port = new SwarmPort(spec, services);
        _connector = new SwarmConnector(_port, services, spec.Admit ?? (_ => true), _stopping.Token)
        {
            Id = Id,
            Twin = spec.Twin?.Id,
            RendezvousIds = spec.RendezvousIds,
            IsProvisional = spec.Provisional is not null,
            Claim = spec.Metainfo is { HasV1: true, HasV2: true } blob ? new PierClaim(blob.TotalLength, blob.Id) : null,
        };
        _announcer = new SwarmAnnouncer(_port, spec, services);
        var loop = new SwarmLoop(
            _port, spec, services, _announcer, _connector, new SwarmWork(_port, spec, services, _stopping.Token), _outcome);
        if (spec.Metainfo is { } known)
        {
            _outcome.Know(known);
        }

        _running = Task.Run(() => SwarmRunner.RunAsync(_port, loop));
        _port.Tasks.Run(() => _announcer.RunAsync(_stopping.Token));
        if (spec.WebSeeds.Count + spec.HttpSeeds.Count > 0)
        {
            var seeds = new WebSeedSet(_port, spec, services, _connector, _outcome);
            _port.Tasks.Run(() => seeds.RunAsync(_stopping.Token));
        }

        _stopped = new Lazy<Task>(StopOnceAsync);
    }

    /// <summary>The torrent's info-hashes.</summary>
    public TorrentId Id { get; }

    /// <summary>What the swarm was added with.</summary>
    public SwarmSpec Spec { get; }

    /// <summary>Which files are wanted.</summary>
    public FileChoice Files { get; private set; }

    /// <summary>
    /// Ends when every selected piece is stored and the storage is complete. When more is selected later, there is another to
    /// wait for.
    /// </summary>
    /// <exception cref="SwarmException">The swarm failed, or was removed before.</exception>
    public Task Completion => _outcome.Completion;

    /// <summary>A recent snapshot.</summary>
    public SwarmStatistics Statistics => _port.Statistics;

    /// <summary>How the torrent's trackers are doing.</summary>
    public IReadOnlyList<TrackerStatus> Trackers => _announcer.Statuses;

    /// <summary>The torrent; null while it is not known and opened.</summary>
    public Metainfo? Metainfo => _port.Content?.Metainfo ?? Spec.Metainfo;

    /// <summary>The pieces that are here, a bit each, the high bit of the first byte being piece 0 (BEP 3); empty while the torrent is not known.</summary>
    public byte[] PieceMap()
    {
        if (_port.Content is not { } content)
        {
            return [];
        }

        var map = new byte[content.Have.ByteLength];
        content.Have.CopyTo(map);
        return map;
    }

    /// <summary>The torrent, once peers have told what its info dictionary is (BEP 9).</summary>
    /// <exception cref="SwarmException">The swarm failed, or was removed before.</exception>
    public Task<Metainfo> MetadataAsync(CancellationToken cancellationToken) => _outcome.Metainfo.WaitAsync(cancellationToken);

    /// <summary>
    /// Selects other files than before, or the same in another order. When this returns, <see cref="Completion"/> is that of the
    /// new choice. What is here of files that are wanted no more stays.
    /// </summary>
    /// <exception cref="Selection.FileChoiceException">The choice names a file that the torrent does not have; nothing has changed.</exception>
    /// <exception cref="SwarmException">The swarm was removed.</exception>
    /// <exception cref="IOException">The storage cannot make room for the files.</exception>
    public async Task SelectAsync(FileChoice files, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(files);
        await _selecting.WaitAsync(cancellationToken);
        try
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!await _port.TryPostAsync(new SwarmEvent.FilesChosen(files, done), cancellationToken))
            {
                throw new SwarmException("the torrent was removed");
            }

            await done.Task.WaitAsync(cancellationToken);
            Files = files;
        }
        finally
        {
            _selecting.Release();
        }
    }

    /// <summary>Tells the swarm where peers may be.</summary>
    public ValueTask AddPeersAsync(IEnumerable<IPEndPoint> endPoints, CancellationToken cancellationToken) =>
        AddPeersAsync(endPoints, PeerSource.Told, cancellationToken);

    /// <summary>Tells the swarm where peers may be, and how that was learned.</summary>
    public ValueTask AddPeersAsync(IEnumerable<IPEndPoint> endPoints, PeerSource source, CancellationToken cancellationToken) =>
        _port.PostAsync(new SwarmEvent.PeersFound([.. endPoints], source), cancellationToken);

    /// <summary>Tells the swarm where a tracker knows peers, unless it is too busy to hear.</summary>
    public bool TryAddPeers(IReadOnlyList<IPEndPoint> endPoints) => _port.TryPost(new SwarmEvent.PeersFound(endPoints, PeerSource.Tracker));

    /// <summary>Limits of its own, instead of <see cref="EngineLimits.Torrent"/>; a change takes effect at once, and leaves connections that are open.</summary>
    public TransferLimits Limits
    {
        get => _port.Bandwidth.Own;
        set => _port.Bandwidth.Own = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>Whether it goes before others; a change takes effect within a second.</summary>
    public SwarmPriority Priority
    {
        get => _port.Rank.Priority;
        set => _port.Rank.Priority = value;
    }

    /// <summary>When it stops to seed; a change takes effect within a second, and may make it seed again.</summary>
    public SeedingGoal SeedingGoal
    {
        get => _port.Seeding.Goal;
        set => _port.Seeding.Goal = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>
    /// Opens a reader's window: its bytes are fetched before everything else, in order. Move it as the reader goes on; dispose
    /// of it when the reader is done.
    /// </summary>
    /// <param name="range">The bytes wanted first, in the piece space.</param>
    public ReaderWindow Prioritise(ByteRange range) => _port.Windows.Open(range);

    /// <summary>Bytes of a file that are here and proved; 0 while the torrent is not known.</summary>
    public long ArrivedOf(int file) => _port.Content?.ArrivedOf(file) ?? 0;

    /// <summary>Opens a file for reading while it arrives; what is read is fetched, selected or not.</summary>
    /// <param name="metainfo">The torrent, as <see cref="MetadataAsync"/> gives it.</param>
    /// <param name="file">Index of the file.</param>
    public SwarmReader OpenReader(Metainfo metainfo, int file)
    {
        ArgumentNullException.ThrowIfNull(metainfo);
        var entry = metainfo.Files[file];
        return new SwarmReader(_port, new ByteRange(entry.Offset, entry.Length), entry.RelativePath);
    }

    /// <summary>Opens a file that is here whole, as the file on disk that it is; null when it is not, or not one.</summary>
    /// <param name="metainfo">The torrent, as <see cref="MetadataAsync"/> gives it.</param>
    /// <param name="file">Index of the file.</param>
    public StoredFile? OpenStored(Metainfo metainfo, int file)
    {
        ArgumentNullException.ThrowIfNull(metainfo);
        var entry = metainfo.Files[file];
        return _port.Content is { } content && content.Has(new ByteRange(entry.Offset, entry.Length)) && content.Storage.OpenWhole(file) is { } handle
            ? new StoredFile(handle, entry.Length)
            : null;
    }

    /// <summary>
    /// Tells the swarm that bytes came into its storage by another way. The pieces within are checked there, and from then on
    /// had and served like downloaded ones.
    /// </summary>
    /// <param name="range">The bytes, in the piece space.</param>
    /// <param name="cancellationToken">Gives up queueing the news.</param>
    public ValueTask StoredElsewhereAsync(ByteRange range, CancellationToken cancellationToken) =>
        _port.PostAsync(new SwarmEvent.RangeStored(range), cancellationToken);

    /// <summary>
    /// Copies files that are here whole, piece by piece, each checked on its way: the files may have changed since they were
    /// hashed. Says how many bytes are done after each piece.
    /// </summary>
    /// <param name="open">Opens the destination.</param>
    /// <param name="files">Which files.</param>
    /// <param name="done">Told of the bytes of the piece space that are copied.</param>
    /// <param name="cancellationToken">Stops between pieces.</param>
    /// <exception cref="SwarmException">It ended before it was whole, or a piece is not what it was.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public async Task CopyAsync(StorageFactory open, FileChoice files, Action<long> done, CancellationToken cancellationToken)
    {
        await Completion.WaitAsync(cancellationToken);
        var copy = new ContentCopy(_port.Content!, files);
        // Reading, hashing and writing block; the caller's thread may have other things to do.
        await Task.Run(() => copy.RunAsync(open, done, cancellationToken), cancellationToken);
    }

    /// <summary>Removes the torrent from its engine: <see cref="BitTorrentEngine.RemoveAsync"/>.</summary>
    public ValueTask DisposeAsync() => new(_remove(this));

    internal bool TryAccept(Stream stream, IPEndPoint endPoint, Handshake handshake)
    {
        if (_stopping.IsCancellationRequested || Statistics.State == SwarmState.Finished || !_connector.Admits(endPoint.Address))
        {
            return false;
        }

        _connector.Accept(stream, endPoint, handshake);
        return true;
    }

    /// <summary>Takes over a connection that was met on a rendezvous id; false when it is not wanted.</summary>
    internal bool TryContinue(Stream stream, IPEndPoint endPoint, Handshake handshake)
    {
        if (_stopping.IsCancellationRequested || Statistics.State == SwarmState.Finished || !_connector.Admits(endPoint.Address))
        {
            return false;
        }

        _connector.Continue(stream, endPoint, handshake);
        return true;
    }

    internal void Tick() => _port.TryPost(new SwarmEvent.Tick());

    internal Task StopAsync() => _stopped.Value;

    private async Task StopOnceAsync()
    {
        await _port.PostAsync(new SwarmEvent.Stop(), CancellationToken.None);
        await _running;
        await _stopping.CancelAsync();
        await _port.Tasks.WhenIdleAsync();
        _announcer.Dispose();
        _port.Bandwidth.Dispose();
        if (_port.Content is { } content)
        {
            await content.Storage.DisposeAsync();
        }

        _stopping.Dispose();
    }
}
