using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Trackers;

/// <summary>
/// The loop that keeps one swarm announced: <c>started</c> first, then at the tracker's interval, sooner when peers are wanted
/// or the download completes, later and later while trackers fail, <c>stopped</c> at the end.
/// </summary>
public sealed class TrackerAnnouncer(
    TrackerTiers tiers,
    TrackerAnnouncerOptions options,
    IAnnouncedSwarm swarm,
    TimeProvider time,
    ILogger logger)
{
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private volatile IReadOnlyList<TrackerStatus> _statuses = tiers.Statuses;
    private volatile bool _completed;
    private volatile bool _wantsPeers;
    private int _failures;

    /// <summary>How each tracker did when it was last asked.</summary>
    public IReadOnlyList<TrackerStatus> Statuses => _statuses;

    /// <summary>Tells the trackers at once that the download has finished.</summary>
    public void Complete()
    {
        _completed = true;
        _wakes.Writer.TryWrite(true);
    }

    /// <summary>Asks for more peers as soon as the trackers allow.</summary>
    public void WantPeers()
    {
        _wantsPeers = true;
        _wakes.Writer.TryWrite(true);
    }

    /// <summary>Runs until cancelled, then says good-bye within <see cref="TrackerAnnouncerOptions.StopTimeout"/>.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (tiers.IsEmpty)
        {
            return;
        }

        try
        {
            while (true)
            {
                var (interval, minInterval) = await AnnounceAllAsync(cancellationToken).ConfigureAwait(false);
                await WaitAsync(interval, minInterval, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await StopAsync().ConfigureAwait(false);
        }
    }

    private async Task<(TimeSpan Interval, TimeSpan MinInterval)> AnnounceAllAsync(CancellationToken cancellationToken)
    {
        var occasion = _completed ? AnnounceEvent.Completed : AnnounceEvent.None;
        _completed = false;
        _wantsPeers = false;
        var interval = TimeSpan.MaxValue;
        var minInterval = TimeSpan.Zero;
        foreach (var infoHash in options.InfoHashes)
        {
            try
            {
                var answer = await tiers.AnnounceAsync(Request(infoHash, occasion), cancellationToken).ConfigureAwait(false);
                interval = answer.Interval < interval ? answer.Interval : interval;
                minInterval = answer.MinInterval > minInterval ? answer.MinInterval : minInterval;
                logger.Announced(infoHash, answer.Peers.Count, answer.Interval);
                await swarm.TrackerAnsweredAsync(infoHash, answer, cancellationToken).ConfigureAwait(false);
            }
            catch (TrackerException error)
            {
                logger.AnnounceFailed(infoHash, error.Message);
            }

            _statuses = tiers.Statuses;
        }

        if (interval < TimeSpan.MaxValue)
        {
            _failures = 0;
            return (interval, minInterval);
        }

        var retry = options.FirstRetry * Math.Pow(2, Math.Min(_failures++, 16));
        return (retry < options.LongestRetry ? retry : options.LongestRetry, options.FirstRetry);
    }

    private async Task WaitAsync(TimeSpan interval, TimeSpan minInterval, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var sooner = minInterval > options.MorePeersInterval ? minInterval : options.MorePeersInterval;
        while (true)
        {
            var wait = _completed ? TimeSpan.Zero : _wantsPeers && sooner < interval ? sooner : interval;
            var left = wait - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            using var due = new CancellationTokenSource(left, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(due.Token, cancellationToken);
            try
            {
                await _wakes.Reader.ReadAsync(either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task StopAsync()
    {
        using var deadline = new CancellationTokenSource(options.StopTimeout, time);
        await Task.WhenAll(options.InfoHashes.Select(infoHash =>
            tiers.StopAsync(Request(infoHash, AnnounceEvent.Stopped), deadline.Token))).ConfigureAwait(false);
    }

    private AnnounceRequest Request(InfoHash infoHash, AnnounceEvent occasion) => new()
    {
        InfoHash = infoHash,
        PeerId = options.PeerId,
        Port = options.Port,
        Key = options.Key,
        Event = occasion,
        Stats = occasion == AnnounceEvent.Stopped ? swarm.Stats with { PeersWanted = 0 } : swarm.Stats,
    };
}
