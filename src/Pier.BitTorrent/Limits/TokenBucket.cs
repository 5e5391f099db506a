namespace Pier.BitTorrent.Limits;

/// <summary>
/// A rate limit as a bucket that fills with tokens, one per byte, up to a second's worth. Debts are allowed, so that a whole
/// block is never cut; who comes next waits until they are paid.
/// </summary>
internal sealed class TokenBucket
{
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly double _rate;
    private double _tokens;
    private long _filledAt;

    /// <param name="bytesPerSecond">The limit; at least 1.</param>
    /// <param name="time">The clock.</param>
    public TokenBucket(long bytesPerSecond, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytesPerSecond, 1);
        _time = time;
        _rate = bytesPerSecond;
        _tokens = bytesPerSecond;
        _filledAt = time.GetTimestamp();
    }

    /// <summary>The bucket of an optional limit.</summary>
    public static TokenBucket? Of(long? bytesPerSecond, TimeProvider time) =>
        bytesPerSecond is { } rate ? new TokenBucket(rate, time) : null;

    /// <summary>Takes tokens and says how long to wait before going on; zero when none were owed.</summary>
    public TimeSpan Take(long bytes)
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            _tokens = Math.Min(_rate, _tokens + _time.GetElapsedTime(_filledAt, now).TotalSeconds * _rate);
            _filledAt = now;
            _tokens -= bytes;
            return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / _rate);
        }
    }
}
