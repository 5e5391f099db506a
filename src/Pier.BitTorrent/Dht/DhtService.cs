using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Datagrams;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Dht;

/// <summary>
/// The engine's DHT node in the world: on its UDP port, with a timer, asking bootstrap nodes while it knows few others, and kept
/// in a file between runs. Thread-safe: each call has the node for itself, and none of them waits.
/// </summary>
internal sealed class DhtService : IPeerFinder, IDatagramHandler, IAsyncDisposable
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SaveInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan SaveLookInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(5);

    // Two halves of a network that was cut know enough nodes each; they meet again where both began.
    private static readonly TimeSpan AnywayInterval = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly DhtOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly DhtNode _node;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _loops = [];
    private int _savedNodes;
    private long _savedAt;

    /// <param name="options">Settings.</param>
    /// <param name="sender">The engine's UDP port.</param>
    /// <param name="port">The TCP port where peers reach us; 0 for none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where events go.</param>
    public DhtService(DhtOptions options, IDatagramSender sender, Func<int> port, TimeProvider time, ILogger log)
    {
        _options = options;
        _time = time;
        _log = log;
        _node = new DhtNode(options, Load(), sender, port, time, Random.Shared);
    }

    /// <summary>Its numbers.</summary>
    public DhtStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                return _node.Statistics;
            }
        }
    }

    /// <summary>Begins to look for nodes.</summary>
    public void Start()
    {
        _loops.Add(Task.Run(TickAsync));
        _loops.Add(Task.Run(BootstrapAsync));
        if (_options.File is not null)
        {
            _loops.Add(Task.Run(SaveAsync));
        }
    }

    /// <summary>There may be a node at this address.</summary>
    public void Meet(IPEndPoint endPoint)
    {
        lock (_gate)
        {
            _node.Meet(endPoint);
        }
    }

    /// <inheritdoc/>
    public bool Knows(ReadOnlySpan<byte> datagram) => datagram is [(byte)'d', ..];

    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> datagram, IPEndPoint from)
    {
        lock (_gate)
        {
            _node.Receive(datagram, from);
        }
    }

    /// <inheritdoc/>
    public IPeerSearch Follow(InfoHash infoHash, Action<IReadOnlyList<IPEndPoint>> found)
    {
        lock (_gate)
        {
            return new Search(this, _node.TryFollow(infoHash, found));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync();
        await Task.WhenAll(_loops);
        Save();
        _stopping.Dispose();
    }

    private Task TickAsync() => EveryAsync(TickInterval, () =>
    {
        lock (_gate)
        {
            _node.Tick();
        }
    });

    // While the table grows it is kept soon, so that a node that is killed young need not begin again.
    private Task SaveAsync() => EveryAsync(SaveLookInterval, () =>
    {
        var nodes = Statistics.Nodes;
        if (nodes > 0 && (nodes >= _savedNodes * 2 || _time.GetElapsedTime(_savedAt) >= SaveInterval))
        {
            Save();
            (_savedNodes, _savedAt) = (Math.Max(nodes, _savedNodes), _time.GetTimestamp());
        }
    });

    private async Task EveryAsync(TimeSpan interval, Action act)
    {
        using var timer = new PeriodicTimer(interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                act();
            }
        }
        catch (OperationCanceledException)
        {
            // The engine is stopping.
        }
    }

    private async Task BootstrapAsync()
    {
        try
        {
            long? askedAt = null;
            for (var pause = FirstRetry; ; pause = pause * 2 < LongestRetry ? pause * 2 : LongestRetry)
            {
                if (NeedsNodes() || askedAt is not { } before || _time.GetElapsedTime(before) >= AnywayInterval)
                {
                    askedAt = _time.GetTimestamp();
                    await MeetBootstrapAsync();
                }
                else
                {
                    pause = FirstRetry;
                }

                await Task.Delay(pause, _time, _stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The engine is stopping.
        }
    }

    private bool NeedsNodes()
    {
        lock (_gate)
        {
            return _node.NeedsNodes;
        }
    }

    private async Task MeetBootstrapAsync()
    {
        foreach (var place in _options.Bootstrap)
        {
            try
            {
                foreach (var address in await Dns.GetHostAddressesAsync(place.Host, _stopping.Token))
                {
                    Meet(new IPEndPoint(address, place.Port));
                }
            }
            catch (SocketException unknown)
            {
                _log.DhtBootstrapUnknown(place.Host, unknown.Message);
            }
        }
    }

    private DhtState Load()
    {
        try
        {
            return _options.File is { } path ? DhtFile.Read(path) : DhtState.Empty;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            _log.DhtFileFailed(refused.Message);
            return DhtState.Empty;
        }
    }

    private void Save()
    {
        if (_options.File is not { } path)
        {
            return;
        }

        DhtState state;
        lock (_gate)
        {
            state = _node.State;
        }

        try
        {
            DhtFile.Write(path, state);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            _log.DhtFileFailed(refused.Message);
        }
    }

    private sealed class Search(DhtService service, Followed? followed) : IPeerSearch
    {
        public void WantPeers()
        {
            if (followed is not null)
            {
                lock (service._gate)
                {
                    service._node.Hurry(followed);
                }
            }
        }

        public void Dispose()
        {
            if (followed is not null)
            {
                lock (service._gate)
                {
                    service._node.Drop(followed);
                }
            }
        }
    }
}
