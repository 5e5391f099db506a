using System.Collections.Concurrent;
using Pier.BitTorrent.Peers;

namespace Pier.BitTorrent.Limits;

/// <summary>An engine's limits, which may change while it runs. Thread-safe.</summary>
internal sealed class LiveLimits : IDisposable
{
    private readonly ConnectionCount _connections;
    private readonly ConcurrentDictionary<TorrentBandwidth, bool> _torrents = new();
    private readonly Lock _changing = new();
    private volatile EngineLimits _current = EngineLimits.None;

    public LiveLimits(EngineLimits limits, ConnectionCount connections, TimeProvider time)
    {
        _connections = connections;
        Down = new BandwidthGate(time);
        Up = new BandwidthGate(time);
        Current = limits;
    }

    /// <summary>All that is received.</summary>
    public BandwidthGate Down { get; }

    /// <summary>All that is sent.</summary>
    public BandwidthGate Up { get; }

    /// <summary>The limits of now.</summary>
    public EngineLimits Current
    {
        get => _current;
        set
        {
            lock (_changing)
            {
                _current = value;
                Down.SetRates(value.All.Down, peers => value.Of(peers).Down);
                Up.SetRates(value.All.Up, peers => value.Of(peers).Up);
                _connections.Limit(value);
                foreach (var torrent in _torrents.Keys)
                {
                    torrent.Apply(value.Torrent);
                }
            }
        }
    }

    /// <summary>A torrent comes.</summary>
    public void Enter(TorrentBandwidth torrent)
    {
        lock (_changing)
        {
            _torrents.TryAdd(torrent, true);
            torrent.Apply(_current.Torrent);
        }
    }

    /// <summary>A torrent goes.</summary>
    public void Leave(TorrentBandwidth torrent) => _torrents.TryRemove(torrent, out _);

    /// <inheritdoc/>
    public void Dispose()
    {
        Down.Dispose();
        Up.Dispose();
    }
}
