using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Lsd;

/// <summary>Local service discovery in the world: the multicast groups of both families on the interfaces where the engine listens. Thread-safe.</summary>
/// <param name="listen">Where the engine listens; null while it does not.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where events go.</param>
internal sealed class LsdService(Func<IPEndPoint?> listen, TimeProvider time, ILogger log) : IPeerFinder, IAsyncDisposable
{
    private const int BufferSize = 2048;
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly LsdNode _node = new(
        RandomNumberGenerator.GetInt32(int.MaxValue).ToString("x8", CultureInfo.InvariantCulture), () => listen()?.Port ?? 0, time);

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<LsdGroup> _groups = [];
    private readonly List<Task> _loops = [];
    private IPEndPoint? _joinedAt;
    private long _lookedAt;

    /// <summary>Begins to listen and to announce.</summary>
    public void Start()
    {
        foreach (var family in (ReadOnlySpan<AddressFamily>)[AddressFamily.InterNetwork, AddressFamily.InterNetworkV6])
        {
            try
            {
                var group = new LsdGroup(family);
                _groups.Add(group);
                _loops.Add(Task.Run(() => ReceiveAsync(group)));
            }
            catch (SocketException refused)
            {
                log.LsdRefused(family, refused.Message);
            }
        }

        _loops.Add(Task.Run(AnnounceAsync));
    }

    /// <inheritdoc/>
    public IPeerSearch Follow(InfoHash infoHash, Action<IReadOnlyList<IPEndPoint>> found)
    {
        lock (_gate)
        {
            return new Search(this, _node.Follow(infoHash, found));
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
        _groups.ForEach(group => group.Dispose());
        await Task.WhenAll(_loops);
        _stopping.Dispose();
    }

    private async Task AnnounceAsync()
    {
        using var timer = new PeriodicTimer(TickInterval, time);
        try
        {
            do
            {
                Announce();
            }
            while (await timer.WaitForNextTickAsync(_stopping.Token));
        }
        catch (OperationCanceledException)
        {
            // The engine is stopping.
        }
        catch (ObjectDisposedException) when (_stopping.IsCancellationRequested)
        {
            // The engine is stopping.
        }
    }

    private void Announce()
    {
        if (listen() is not { } place)
        {
            return;
        }

        var looks = !place.Equals(_joinedAt) || time.GetElapsedTime(_lookedAt) >= LookInterval;
        if (looks)
        {
            // Interfaces come and go, and the listener may have moved.
            _joinedAt = place;
            _lookedAt = time.GetTimestamp();
            _groups.ForEach(group => group.Join(LsdInterfaces.Of(place.Address, group.Family)));
        }

        LsdMessage? message;
        lock (_gate)
        {
            message = _node.TakeDue();
        }

        if (message is null)
        {
            return;
        }

        foreach (var group in _groups)
        {
            var datagram = message.Write(group.EndPoint);
            foreach (var network in LsdInterfaces.Of(place.Address, group.Family))
            {
                group.Send(datagram, network);
            }
        }
    }

    private async Task ReceiveAsync(LsdGroup group)
    {
        var buffer = new byte[BufferSize];
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                if (await group.ReceiveAsync(buffer, _stopping.Token) is var (length, from))
                {
                    lock (_gate)
                    {
                        _node.Receive(buffer.AsSpan(0, length), from);
                    }
                }
            }
            catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException failure)
            {
                log.DatagramFailed(failure);
                await PauseAsync();
            }
        }
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(FailurePause, time, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // Stopping ends the pause; the loop's condition sees it.
        }
    }

    private sealed class Search(LsdService service, LsdFollowed followed) : IPeerSearch
    {
        public void WantPeers()
        {
            // Announces have their pace, however much peers are wanted; who is there hears the last one.
        }

        public void Dispose()
        {
            lock (service._gate)
            {
                service._node.Drop(followed);
            }
        }
    }
}
