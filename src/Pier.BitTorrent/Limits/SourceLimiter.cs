using System.Net;

namespace Pier.BitTorrent.Limits;

/// <summary>
/// How much attention strangers get: a bound on all datagrams together, since senders can be forged, and one on the queries of each
/// address, so that nobody has us flood a third. Its table is bounded.
/// </summary>
internal sealed class SourceLimiter(int maxDatagramRate, int maxQueryRate, TimeProvider time)
{
    private const int MaxSources = 4096;

    // Both may be used up at once after a quiet time.
    private const int BurstSeconds = 3;

    private readonly Dictionary<IPAddress, Bucket> _sources = [];
    private Bucket _all = new(maxDatagramRate * BurstSeconds, time.GetTimestamp());

    /// <summary>Counts a datagram; false when it should be dropped unread.</summary>
    public bool TryRead() => TryTake(ref _all, maxDatagramRate);

    /// <summary>Counts a query; false when its sender should get no answer.</summary>
    public bool TryAnswer(IPAddress source)
    {
        if (!_sources.TryGetValue(source, out var bucket))
        {
            if (_sources.Count >= MaxSources)
            {
                // That many at once are mostly forged; the bound on all datagrams still holds.
                _sources.Clear();
            }

            bucket = new Bucket(maxQueryRate * BurstSeconds, time.GetTimestamp());
        }

        var taken = TryTake(ref bucket, maxQueryRate);
        _sources[source] = bucket;
        return taken;
    }

    private bool TryTake(ref Bucket bucket, int rate)
    {
        var now = time.GetTimestamp();
        var filled = Math.Min(bucket.Tokens + (time.GetElapsedTime(bucket.At, now).TotalSeconds * rate), rate * BurstSeconds);
        var taken = filled >= 1;
        bucket = new Bucket(taken ? filled - 1 : filled, now);
        return taken;
    }

    private readonly record struct Bucket(double Tokens, long At);
}
