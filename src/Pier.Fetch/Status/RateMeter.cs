namespace Pier.Fetch.Status;

/// <summary>Counts bytes and tells how fast they came over the last five seconds; safe for concurrent writers.</summary>
internal sealed class RateMeter(TimeProvider time)
{
    private const int Buckets = 5;

    private readonly Lock _gate = new();
    private readonly long[] _bytes = new long[Buckets];
    private readonly long _start = time.GetTimestamp();
    private long _second;
    private long _total;
    private long _lastAt = -1;

    /// <summary>All bytes counted.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>Timestamp of the last bytes; null before the first.</summary>
    public long? LastAt => Interlocked.Read(ref _lastAt) is var at && at >= 0 ? at : null;

    /// <summary>Bytes per second over the last five seconds, or since the start when that is shorter.</summary>
    public double Rate
    {
        get
        {
            lock (_gate)
            {
                var elapsed = time.GetElapsedTime(_start);
                Roll((long)elapsed.TotalSeconds);
                var window = Math.Clamp(elapsed.TotalSeconds, 0.2, Buckets - 1 + (elapsed.TotalSeconds % 1));
                return _bytes.Sum() / Math.Max(window, 0.2);
            }
        }
    }

    /// <summary>Counts bytes that have just arrived.</summary>
    public void Add(long bytes)
    {
        var now = time.GetTimestamp();
        Interlocked.Add(ref _total, bytes);
        Interlocked.Exchange(ref _lastAt, now);
        lock (_gate)
        {
            var second = (long)time.GetElapsedTime(_start, now).TotalSeconds;
            Roll(second);
            _bytes[second % Buckets] += bytes;
        }
    }

    private void Roll(long second)
    {
        for (; _second < second; _second++)
        {
            if (second - _second > Buckets)
            {
                _second = second - Buckets;
            }
            _bytes[(_second + 1) % Buckets] = 0;
        }
    }
}
