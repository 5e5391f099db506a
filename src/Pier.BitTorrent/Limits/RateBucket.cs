namespace Pier.BitTorrent.Limits;

/// <summary>
/// A rate limit as a bucket that fills with tokens, one per byte, up to a quarter of a second's worth. Debts are allowed, so that a
/// block is never cut; while there are some, nothing passes. Owned by one at a time, as a <see cref="BandwidthGate"/> under its lock;
/// only the rate may be read by others.
/// </summary>
internal sealed class RateBucket(TimeProvider time)
{
    // Enough to bridge a late timer, little enough that a limit holds over a second.
    private const double BurstSeconds = 0.25;
    private const double LeastBurst = 32 * 1024;

    private long _rate;
    private double _tokens;
    private long _filledAt;

    /// <summary>Bytes per second; 0 is without limit.</summary>
    public long Rate => Volatile.Read(ref _rate);

    /// <summary>Whether the next block may pass.</summary>
    public bool IsOpen => Rate == 0 || _tokens > 0;

    /// <summary>A full bucket of a rate that stays.</summary>
    public static RateBucket Of(long bytesPerSecond, TimeProvider time)
    {
        var bucket = new RateBucket(time);
        bucket.SetRate(bytesPerSecond, time.GetTimestamp());
        return bucket;
    }

    /// <summary>Changes the limit; null or 0 lifts it.</summary>
    public void SetRate(long? bytesPerSecond, long now)
    {
        Fill(now);
        var rate = Math.Max(0, bytesPerSecond ?? 0);
        if (Rate == 0)
        {
            _tokens = Burst(rate);
            _filledAt = now;
        }

        Volatile.Write(ref _rate, rate);
        _tokens = Math.Min(_tokens, Burst(rate));
    }

    /// <summary>Adds what time has brought.</summary>
    public void Fill(long now)
    {
        if (now > _filledAt && Rate is > 0 and var rate)
        {
            _tokens = Math.Min(Burst(rate), _tokens + time.GetElapsedTime(_filledAt, now).TotalSeconds * rate);
        }

        _filledAt = now;
    }

    /// <summary>Takes tokens, or with a negative number gives some back.</summary>
    public void Take(long bytes) => _tokens -= Rate == 0 ? 0 : bytes;

    /// <summary>Time until it is open.</summary>
    public TimeSpan Wait => IsOpen ? TimeSpan.Zero : TimeSpan.FromSeconds((1 - _tokens) / Rate);

    private static double Burst(long rate) => Math.Max(LeastBurst, rate * BurstSeconds);
}
