using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Trackers;

/// <summary>One tracker within a torrent's tiers, and what it has been told so far.</summary>
internal sealed class TieredTracker(ITracker tracker, int tier, TimeProvider time)
{
    private readonly Dictionary<InfoHash, ReadOnlyMemory<byte>> _started = [];
    private DateTimeOffset _notBefore = DateTimeOffset.MinValue;

    public TrackerStatus Status { get; private set; } = new(tracker.Name, tier, Answered: null, Problem: null);

    /// <summary>Whether the tracker has asked to be left alone for now (BEP 31).</summary>
    public bool IsResting => time.GetUtcNow() < _notBefore;

    public bool HasStarted(InfoHash infoHash) => _started.ContainsKey(infoHash);

    /// <summary>Announces; a tracker that has not heard of us hears <c>started</c>, whatever the occasion.</summary>
    /// <exception cref="TrackerException">It failed; remembered in <see cref="Status"/>.</exception>
    public async Task<AnnounceAnswer> AnnounceAsync(AnnounceRequest request, CancellationToken cancellationToken)
    {
        var hasStarted = _started.TryGetValue(request.InfoHash, out var trackerId);
        try
        {
            var answer = await tracker.AnnounceAsync(
                request with { Event = hasStarted ? request.Event : AnnounceEvent.Started, TrackerId = trackerId },
                cancellationToken).ConfigureAwait(false);
            _started[request.InfoHash] = answer.TrackerId.IsEmpty ? trackerId : answer.TrackerId;
            Status = Status with { Answered = true, Problem = answer.Warning };
            return answer;
        }
        catch (TrackerException error)
        {
            Status = Status with { Answered = false, Problem = error.Message };
            _notBefore = error.RetryAfter switch
            {
                null => DateTimeOffset.MinValue,
                var never when never == Timeout.InfiniteTimeSpan => DateTimeOffset.MaxValue,
                var wait => time.GetUtcNow() + wait.Value,
            };
            throw;
        }
    }

    /// <summary>Says good-bye, if the tracker knows us.</summary>
    /// <exception cref="TrackerException">It failed.</exception>
    public async Task StopAsync(AnnounceRequest request, CancellationToken cancellationToken)
    {
        if (_started.Remove(request.InfoHash, out var trackerId))
        {
            await tracker.AnnounceAsync(
                request with { Event = AnnounceEvent.Stopped, TrackerId = trackerId },
                cancellationToken).ConfigureAwait(false);
        }
    }
}
