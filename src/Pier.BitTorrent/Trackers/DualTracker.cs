using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Trackers;

/// <summary>
/// A tracker that is asked over IPv4 and over IPv6, because it sees and tells of one family each time (BEP 7): what both answer is
/// one answer. One family that is silent, or that its host does not have, takes nothing from the other.
/// </summary>
/// <param name="four">It, over IPv4.</param>
/// <param name="six">It, over IPv6.</param>
/// <param name="time">For how long the slower may take.</param>
internal sealed class DualTracker(ITracker four, ITracker six, TimeProvider time) : ITracker
{
    /// <summary>How much longer than the first to answer the other is waited for.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public string Name => four.Name;

    /// <inheritdoc/>
    public async Task<AnnounceAnswer> AnnounceAsync(AnnounceRequest request, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<AnnounceAnswer>[] asked = [four.AnnounceAsync(request, enough.Token), six.AnnounceAsync(request, enough.Token)];
        var first = await Task.WhenAny(asked).ConfigureAwait(false);
        using var patience = new CancellationTokenSource(first.IsCompletedSuccessfully ? Grace : Timeout.InfiniteTimeSpan, time);
        await using (patience.Token.UnsafeRegister(static both => ((CancellationTokenSource)both!).Cancel(), enough).ConfigureAwait(false))
        {
            await ((Task)Task.WhenAll(asked)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellationToken.ThrowIfCancellationRequested();
        var answers = asked.Where(static family => family.IsCompletedSuccessfully).ToArray();
        return answers.Length switch
        {
            // Most hosts have IPv4: why that failed says more.
            0 => await asked[0].ConfigureAwait(false),
            1 => await answers[0].ConfigureAwait(false),
            _ => Merge(await answers[0].ConfigureAwait(false), await answers[1].ConfigureAwait(false)),
        };
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<InfoHash, SwarmCounts>> ScrapeAsync(IReadOnlyList<InfoHash> infoHashes, CancellationToken cancellationToken)
    {
        try
        {
            return await four.ScrapeAsync(infoHashes, cancellationToken).ConfigureAwait(false);
        }
        catch (TrackerException failure) when (!failure.IsRefusal)
        {
            return await six.ScrapeAsync(infoHashes, cancellationToken).ConfigureAwait(false);
        }
    }

    private static AnnounceAnswer Merge(AnnounceAnswer four, AnnounceAnswer six) => four with
    {
        Interval = four.Interval > six.Interval ? four.Interval : six.Interval,
        MinInterval = four.MinInterval > six.MinInterval ? four.MinInterval : six.MinInterval,
        Peers = [.. four.BelievedPeers.Concat(six.BelievedPeers).Distinct()],
        Seeders = Most(four.Seeders, six.Seeders),
        Leechers = Most(four.Leechers, six.Leechers),
        Warning = four.Warning ?? six.Warning,
    };

    private static int? Most(int? one, int? other) => one > other || other is null ? one : other;
}
