using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Datagrams;
using Pier.BitTorrent.Dht;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Lsd;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Rendezvous;
using Pier.BitTorrent.Resting;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.BitTorrent.Transports;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Engine;

/// <summary>The room's door: a BitTorrent peer with one listener and any number of torrents. Thread-safe.</summary>
public sealed class BitTorrentEngine : IAsyncDisposable
{
    private const int FreePortTries = 20;
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    private readonly EngineServices _services;
    private readonly PieceVerifier _verifier = new(Environment.ProcessorCount);
    private readonly SwarmDirectory _directory;
    private readonly RestingTorrents _resting;
    private readonly RestingAnnouncer _announcer;
    private readonly CancellationTokenSource _stopping = new();
    private PeerListener? _listener;
    private Task _loops = Task.CompletedTask;

    /// <param name="options">Settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where events go.</param>
    /// <param name="transport">How peers are reached; null for TCP.</param>
    public BitTorrentEngine(BitTorrentOptions options, TimeProvider time, ILoggerFactory loggers, IPeerTransport? transport = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(loggers);
        var id = PeerId.Create();
        var log = loggers.CreateLogger(typeof(BitTorrentEngine).FullName!);
        Datagrams = new DatagramDoor(log);
        _services = new EngineServices(
            options,
            time,
            log,
            id,
            new PieceMemory(options.PieceMemory, new PieceArrays(options.PieceMemory / 4)),
            _verifier,
            new BanList(),
            new ConnectionCount(options.MaxConnections, options.MaxDials),
            new TrackerClient(time, bothFamilies: options.Listen.Address.Equals(IPAddress.IPv6Any)))
        {
            Doors = new PeerDoors(transport ?? TcpPeerTransport.Instance, options, time, id),
            Finders = new PeerFinders
            {
                Dht = options.Dht is { } dht ? new DhtService(dht, Datagrams, () => _services!.ListenPort, time, log) : null,
                Lsd = options.Lsd ? new LsdService(() => _listener?.EndPoint, time, log) : null,
            },
        };
        _directory = new SwarmDirectory(_services.Doors.Keys);
        _resting = new RestingTorrents(_directory, Start, RemoveAsync, options, time);
        _announcer = new RestingAnnouncer(
            (allowed, name) => _services.Finders.Follow(allowed, [name], static (_, _) => { }), _services.Trackers.Open, id, () => _services.ListenPort, time, log);
        if (_services.Finders.Dht is { } node)
        {
            Datagrams.Add(node);
        }
    }

    /// <summary>The UDP port beside the TCP port, shared by all protocols that need one.</summary>
    public DatagramDoor Datagrams { get; }

    /// <summary>The DHT node's numbers; null when there is none.</summary>
    public DhtStatistics? Dht => _services.Finders.Dht?.Statistics;

    /// <summary>Where peers connect.</summary>
    /// <exception cref="InvalidOperationException">Not started.</exception>
    public IPEndPoint ListenEndPoint =>
        _listener?.EndPoint ?? throw new InvalidOperationException("the engine is not started");

    /// <summary>What we call ourselves in handshakes and announces.</summary>
    public PeerId PeerId => _services.PeerId;

    /// <summary>What may pass and how many may connect; a change takes effect at once, for all torrents.</summary>
    public EngineLimits Limits
    {
        get => _services.Limits.Current;
        set => _services.Limits.Current = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>How near a peer at this address is, and so which limits hold for it.</summary>
    public PeerClass ClassOf(IPAddress address) => _services.Classes.Of(address);

    /// <summary>The torrents that run now; of those that rest, the awake ones.</summary>
    public IReadOnlyList<Swarm> Swarms => _directory.Running;

    /// <summary>The torrents that rest when nobody asks for them, awake ones included.</summary>
    public IReadOnlyList<RestingTorrent> Resting => _directory.Resting;

    /// <summary>The running torrent of this id; null when it is not here or rests.</summary>
    public Swarm? Find(TorrentId id) => _directory.Find(id);

    /// <summary>The running torrent of this name on the wire, a twin's or a rendezvous id included; null when it is not here or rests.</summary>
    public Swarm? Find(InfoHash wireHash) => _directory.Find(wireHash);

    /// <summary>True when a torrent with one of these info-hashes runs or rests here: to add it would start none, and wake what rests.</summary>
    public bool Has(TorrentId id) => _directory.Has(id);

    /// <summary>The resting torrent, awake or not, that goes by this name; null when there is none.</summary>
    public RestingTorrent? FindResting(InfoHash wireHash) => _directory.FindResting(wireHash);

    /// <summary>What all torrents have done since the start.</summary>
    public SwarmTotals Totals => _directory.Totals;

    /// <summary>Starts to listen.</summary>
    /// <exception cref="SocketException">The address cannot be listened on.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_listener is not null)
        {
            throw new InvalidOperationException("the engine is started already");
        }

        await ListenAsync(_services.Options.Listen);
        _services.Finders.Start();
        _loops = Task.WhenAll(Task.Run(TickAsync, CancellationToken.None), Task.Run(() => _announcer.RunAsync(_stopping.Token), CancellationToken.None));
    }

    /// <summary>Moves the listener, as when a node that was alone opens itself to others; connections that are made stay.</summary>
    /// <exception cref="InvalidOperationException">Not started.</exception>
    /// <exception cref="SocketException">The address cannot be listened on; the engine listens where it did before.</exception>
    public async Task MoveListenerAsync(IPEndPoint listen, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var before = ListenEndPoint;
        // The old one goes first: a wildcard address cannot be bound beside a listener on the same port.
        await _listener!.DisposeAsync();
        await Datagrams.CloseAsync();
        try
        {
            await ListenAsync(listen);
        }
        catch (SocketException)
        {
            await ListenAsync(before);
            throw;
        }
    }

    /// <summary>Adds a torrent, which starts at once; the same id again gives the swarm that is there, awake now if it rested.</summary>
    /// <exception cref="InvalidOperationException">Not started.</exception>
    public async ValueTask<Swarm> AddAsync(SwarmSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        cancellationToken.ThrowIfCancellationRequested();
        _ = ListenEndPoint;
        return (spec.Provisional is null ? await _resting.WakeAsync(spec.Id, cancellationToken) : null) ?? Start(spec);
    }

    /// <summary>Notes a torrent that costs next to nothing until a peer comes, in place of one with the same id.</summary>
    public void Rest(RestingTorrent torrent)
    {
        ArgumentNullException.ThrowIfNull(torrent);
        _directory.Rest(torrent);
        _announcer.Add(torrent);
    }

    /// <summary>Forgets a resting torrent; its swarm, when it is awake, goes on until it is removed.</summary>
    public void Forget(TorrentId id)
    {
        ArgumentNullException.ThrowIfNull(id);
        _announcer.Remove(id);
        _directory.Forget(id);
    }

    /// <summary>The swarm of a torrent that rests, awake now; null when there is none or its content is gone.</summary>
    public ValueTask<Swarm?> WakeAsync(TorrentId id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(id);
        return _resting.WakeAsync(id, cancellationToken);
    }

    /// <summary>Wakes a torrent that rests, in the background.</summary>
    public void Wake(InfoHash wireHash) => _resting.Wake(wireHash);

    /// <summary>Looks for peers by a rendezvous id, when only a blob's digest is known; dispose of it to stop looking.</summary>
    /// <exception cref="InvalidOperationException">Not started.</exception>
    public RendezvousSearch Search(RendezvousSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        _ = ListenEndPoint;
        return new RendezvousSearch(spec, _services);
    }

    /// <summary>Stops a torrent and closes its storage; does nothing when it is not here any more.</summary>
    public async Task RemoveAsync(Swarm swarm)
    {
        ArgumentNullException.ThrowIfNull(swarm);
        _directory.Remove(swarm);
        await swarm.StopAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            // Stopped by hand before, then once more by whoever owns it.
            return;
        }

        await _stopping.CancelAsync();
        if (_listener is { } listener)
        {
            await listener.DisposeAsync();
        }

        await _services.Finders.DisposeAsync();
        await Datagrams.CloseAsync();
        await _loops;
        await _resting.DisposeAsync();
        await Task.WhenAll(Swarms.Select(RemoveAsync));
        await _verifier.DisposeAsync();
        _services.Trackers.Dispose();
        _services.WebSeeds.Dispose();
        _services.BlockHashes.Dispose();
        _services.Limits.Dispose();
        _stopping.Dispose();
    }

    private async Task ListenAsync(IPEndPoint listen)
    {
        for (var attempt = 1; ; attempt++)
        {
            var listener = new PeerListener(_services, listen, RouteAsync);
            try
            {
                Datagrams.Open(listener.EndPoint);
            }
            catch (SocketException taken)
            {
                await listener.DisposeAsync();
                // The number that TCP had free may be in use over UDP; then another may be free in both.
                if (listen.Port == 0 && taken.SocketErrorCode == SocketError.AddressAlreadyInUse && attempt < FreePortTries)
                {
                    continue;
                }

                throw;
            }

            _listener = listener;
            _services.ListenPort = listener.EndPoint.Port;
            _services.Log.Listening(listener.EndPoint);
            return;
        }
    }

    private Swarm Start(SwarmSpec spec) => _directory.GetOrAdd(spec, added => new Swarm(added, _services, RemoveAsync));

    private async ValueTask<bool> RouteAsync(Stream stream, IPEndPoint endPoint, Handshake handshake, CancellationToken cancellationToken) =>
        _directory.Find(handshake.InfoHash)?.TryAccept(stream, endPoint, handshake) == true
        || (await _resting.WakeAsync(handshake.InfoHash, cancellationToken))?.TryAccept(stream, endPoint, handshake) == true;

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(TickInterval, _services.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                _services.Memory.Tick();
                foreach (var swarm in Swarms)
                {
                    swarm.Tick();
                }

                await _resting.TickAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The engine is stopping.
        }
    }
}
