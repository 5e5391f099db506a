namespace Pier.BitTorrent.Limits;

/// <summary>
/// All that an engine sends, or all that it receives, on its way through the limits: the engine's, the peer's class's, the
/// torrent's. When several wait, torrents for which somebody waits get nineteen parts of twenty; within a rank the classes of
/// peers, then the torrents, get equal parts (start-time fair queueing), and a torrent's connections take turns. A class whose limit
/// is used up holds up no other. Nothing is allocated for bytes that pass. Thread-safe.
/// </summary>
internal sealed class BandwidthGate : IDisposable
{
    /// <summary>Number of classes of peers.</summary>
    public const int Classes = 4;

    private const int LeastQuantum = 16 * 1024;
    private const int MostQuantum = 256 * 1024;

    // Grants a second at least, while a limit is in force.
    private const int GrantsPerSecond = 32;

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly RateBucket _all;
    private readonly RateBucket[] _classes = new RateBucket[Classes];
    private readonly List<BandwidthFlow> _waiting = [];
    private readonly FairOrder _order = new();
    private readonly ITimer _timer;
    private long _turns;

    public BandwidthGate(TimeProvider time)
    {
        _time = time;
        _all = new RateBucket(time);
        for (var peers = 0; peers < Classes; peers++)
        {
            _classes[peers] = new RateBucket(time);
        }

        _timer = time.CreateTimer(static gate => ((BandwidthGate)gate!).Distribute(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Changes the limits of all peers together and of each class; null is without limit.</summary>
    public void SetRates(long? all, Func<PeerClass, long?> ofClass)
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            _all.SetRate(all, now);
            for (var peers = 0; peers < Classes; peers++)
            {
                _classes[peers].SetRate(ofClass((PeerClass)peers), now);
            }

            Distribute(now, asking: null);
        }
    }

    /// <summary>Changes a torrent's limit.</summary>
    internal void SetRate(RateBucket bucket, long? bytesPerSecond)
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            bucket.SetRate(bytesPerSecond, now);
            Distribute(now, asking: null);
        }
    }

    internal int QuantumOf(BandwidthFlow flow)
    {
        var quantum = (long)MostQuantum;
        foreach (var rate in (ReadOnlySpan<long>)[_all.Rate, _classes[(int)flow.Peers].Rate, flow.Group.Bucket.Rate])
        {
            quantum = rate == 0 ? quantum : Math.Min(quantum, rate / GrantsPerSecond);
        }

        return (int)Math.Max(quantum, LeastQuantum);
    }

    internal bool TryTake(BandwidthFlow flow, long bytes)
    {
        if (_all.Rate == 0 && _classes[(int)flow.Peers].Rate == 0 && flow.Group.Bucket.Rate == 0)
        {
            return true;
        }

        lock (_gate)
        {
            if (flow.IsClosed)
            {
                return false;
            }

            flow.Wanted = bytes;
            flow.Turn = _turns++;
            flow.IsWaiting = true;
            _waiting.Add(flow);
            _order.Begin(flow);
            Distribute(_time.GetTimestamp(), flow);
            return !flow.IsWaiting;
        }
    }

    internal void GiveBack(BandwidthFlow flow, long bytes)
    {
        lock (_gate)
        {
            Take(flow, -bytes);
        }
    }

    internal void Close(BandwidthFlow flow)
    {
        lock (_gate)
        {
            flow.IsClosed = true;
            Leave(flow);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Distribute()
    {
        lock (_gate)
        {
            Distribute(_time.GetTimestamp(), asking: null);
        }
    }

    private void Distribute(long now, BandwidthFlow? asking)
    {
        _all.Fill(now);
        foreach (var bucket in _classes)
        {
            bucket.Fill(now);
        }

        foreach (var flow in _waiting)
        {
            flow.Group.Bucket.Fill(now);
        }

        while (Next() is { } flow)
        {
            Take(flow, flow.Wanted);
            _order.Grant(flow);
            Leave(flow);
            if (!ReferenceEquals(flow, asking))
            {
                flow.Granted();
            }
        }

        Schedule();
    }

    private BandwidthFlow? Next()
    {
        BandwidthFlow? best = null;
        foreach (var flow in _waiting)
        {
            if (_all.IsOpen && _classes[(int)flow.Peers].IsOpen && flow.Group.Bucket.IsOpen && (best is null || _order.IsBefore(flow, best)))
            {
                best = flow;
            }
        }

        return best;
    }

    private void Take(BandwidthFlow flow, long bytes)
    {
        _all.Take(bytes);
        _classes[(int)flow.Peers].Take(bytes);
        flow.Group.Bucket.Take(bytes);
    }

    private void Leave(BandwidthFlow flow)
    {
        if (flow.IsWaiting)
        {
            flow.IsWaiting = false;
            _waiting.Remove(flow);
            _order.End(flow);
        }
    }

    private void Schedule()
    {
        if (_waiting.Count == 0)
        {
            return;
        }

        var soonest = TimeSpan.MaxValue;
        foreach (var flow in _waiting)
        {
            var wait = Max(_all.Wait, Max(_classes[(int)flow.Peers].Wait, flow.Group.Bucket.Wait));
            soonest = wait < soonest ? wait : soonest;
        }

        _timer.Change(Max(soonest, ShortestWait), Timeout.InfiniteTimeSpan);
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
