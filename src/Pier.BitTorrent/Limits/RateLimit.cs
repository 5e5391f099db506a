namespace Pier.BitTorrent.Limits;

/// <summary>The limits that one direction of one torrent's connections obeys: the engine's and the torrent's own, either of which may be missing.</summary>
internal sealed class RateLimit
{
    private readonly TimeProvider _time;
    private readonly TokenBucket[] _buckets;

    public RateLimit(TimeProvider time, params ReadOnlySpan<TokenBucket?> buckets)
    {
        _time = time;
        var present = new List<TokenBucket>();
        foreach (var bucket in buckets)
        {
            if (bucket is not null)
            {
                present.Add(bucket);
            }
        }

        _buckets = [.. present];
    }

    /// <summary>Books bytes that pass, and waits until the strictest limit allows the next ones.</summary>
    public ValueTask PassAsync(long bytes, CancellationToken cancellationToken)
    {
        var wait = TimeSpan.Zero;
        foreach (var bucket in _buckets)
        {
            var own = bucket.Take(bytes);
            wait = own > wait ? own : wait;
        }

        return wait == TimeSpan.Zero ? ValueTask.CompletedTask : new ValueTask(Task.Delay(wait, _time, cancellationToken));
    }
}
