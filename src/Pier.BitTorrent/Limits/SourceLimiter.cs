using System.Net;
using Pier.BitTorrent.Peers;

namespace Pier.BitTorrent.Limits;

/// <summary>
/// How much attention strangers get: a bound on all datagrams together, since senders can be forged, one on the queries of each
/// network, and one on the bytes of all answers, so that nobody has us flood a third. Its table is bounded.
/// </summary>
/// <param name="maxDatagramRate">Datagrams a second that are looked at.</param>
/// <param name="maxQueryRate">Queries a second that one network is answered.</param>
/// <param name="maxAnswerRate">Bytes a second of answers to all together.</param>
/// <param name="time">The clock.</param>
internal sealed class SourceLimiter(int maxDatagramRate, int maxQueryRate, int maxAnswerRate, TimeProvider time)
{
    private const int MaxSources = 4096;

    // Each may be used up at once after a quiet time.
    private const int BurstSeconds = 3;

    private readonly Dictionary<IPAddress, Bucket> _sources = [];
    private Bucket _all = new((double)maxDatagramRate * BurstSeconds, time.GetTimestamp());
    private Bucket _answers = new((double)maxAnswerRate * BurstSeconds, time.GetTimestamp());

    /// <summary>Counts a datagram; false when it should be dropped unread.</summary>
    public bool TryRead() => TryTake(ref _all, maxDatagramRate);

    /// <summary>Counts a query; false when its sender should get no answer.</summary>
    public bool TryAnswer(IPAddress source)
    {
        if (Filled(_answers, maxAnswerRate) <= 0)
        {
            return false;
        }

        var network = AddressScopes.NetworkOf(source);
        if (!_sources.TryGetValue(network, out var bucket))
        {
            if (_sources.Count >= MaxSources)
            {
                // That many at once are mostly forged; the bounds on all together still hold.
                _sources.Clear();
            }

            bucket = new Bucket(maxQueryRate * BurstSeconds, time.GetTimestamp());
        }

        var taken = TryTake(ref bucket, maxQueryRate);
        _sources[network] = bucket;
        return taken;
    }

    /// <summary>Counts the bytes of an answer.</summary>
    public void Answered(int bytes) => _answers = new Bucket(Filled(_answers, maxAnswerRate) - bytes, time.GetTimestamp());

    private bool TryTake(ref Bucket bucket, int rate)
    {
        var filled = Filled(bucket, rate);
        var taken = filled >= 1;
        bucket = new Bucket(taken ? filled - 1 : filled, time.GetTimestamp());
        return taken;
    }

    private double Filled(Bucket bucket, int rate) =>
        Math.Min(bucket.Tokens + (time.GetElapsedTime(bucket.At).TotalSeconds * rate), (double)rate * BurstSeconds);

    private readonly record struct Bucket(double Tokens, long At);
}
