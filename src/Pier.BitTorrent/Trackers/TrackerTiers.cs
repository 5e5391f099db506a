using Microsoft.Extensions.Logging;

namespace Pier.BitTorrent.Trackers;

/// <summary>
/// A torrent's trackers in tiers (BEP 12): each tier shuffled once, tried in order until one answers, which moves to the front
/// of its tier. Used by one <see cref="TrackerAnnouncer"/> at a time.
/// </summary>
public sealed class TrackerTiers
{
    private readonly List<List<TieredTracker>> _tiers = [];
    private readonly ILogger _logger;

    /// <param name="tiers">Tracker addresses; those of unknown kinds are left out with a log message.</param>
    /// <param name="open">Makes a tracker of an address, as <see cref="TrackerClient.Open"/> does.</param>
    /// <param name="random">Shuffles the tiers, so that a torrent's peers do not all burden the same tracker.</param>
    /// <param name="time">For trackers that ask to be left alone for a while.</param>
    /// <param name="logger">Receives failures.</param>
    public TrackerTiers(
        IReadOnlyList<IReadOnlyList<string>> tiers,
        Func<string, ITracker> open,
        Random random,
        TimeProvider time,
        ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(tiers);
        ArgumentNullException.ThrowIfNull(open);
        ArgumentNullException.ThrowIfNull(random);
        _logger = logger;
        foreach (var addresses in tiers)
        {
            var trackers = new List<TieredTracker>();
            foreach (var address in addresses)
            {
                if (TryOpen(address, open) is { } tracker)
                {
                    trackers.Add(new TieredTracker(tracker, _tiers.Count, time));
                }
            }

            if (trackers.Count > 0)
            {
                random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(trackers));
                _tiers.Add(trackers);
            }
        }
    }

    /// <summary>Whether there is nobody to announce to.</summary>
    public bool IsEmpty => _tiers.Count == 0;

    /// <summary>How each tracker is doing, in the order in which they are tried.</summary>
    public IReadOnlyList<TrackerStatus> Statuses => [.. _tiers.SelectMany(tier => tier).Select(tracker => tracker.Status)];

    /// <summary>Announces to the first tracker that answers.</summary>
    /// <exception cref="TrackerException">None did; the message has every tracker's reason.</exception>
    public async Task<AnnounceAnswer> AnnounceAsync(AnnounceRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var problems = new List<TrackerException>();
        foreach (var tier in _tiers)
        {
            foreach (var tracker in tier.ToArray())
            {
                if (tracker.IsResting)
                {
                    problems.Add(new TrackerException(tracker.Status.Tracker, "it has asked not to be asked yet"));
                    continue;
                }

                try
                {
                    var answer = await tracker.AnnounceAsync(request, cancellationToken).ConfigureAwait(false);
                    tier.Remove(tracker);
                    tier.Insert(0, tracker);
                    return answer;
                }
                catch (TrackerException error)
                {
                    _logger.TrackerFailed(request.InfoHash, error.Message);
                    problems.Add(error);
                }
            }
        }

        throw new TrackerException(
            "list",
            problems.Count == 0 ? "it has no trackers" : $"none answered: {string.Join("; ", problems.Select(problem => problem.Message))}",
            problems.FirstOrDefault());
    }

    /// <summary>Says good-bye to every tracker that knows us in this swarm, all at the same time.</summary>
    public Task StopAsync(AnnounceRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Task.WhenAll(_tiers.SelectMany(tier => tier).Select(tracker => StopOneAsync(tracker, request, cancellationToken)));
    }

    private async Task StopOneAsync(TieredTracker tracker, AnnounceRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await tracker.StopAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (TrackerException error)
        {
            _logger.TrackerFailed(request.InfoHash, error.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Leaving has a deadline; the tracker forgets us by itself.
            _logger.TrackerFailed(request.InfoHash, $"tracker {tracker.Status.Tracker}: no time left to say good-bye");
        }
    }

    private ITracker? TryOpen(string address, Func<string, ITracker> open)
    {
        try
        {
            return open(address);
        }
        catch (TrackerException error)
        {
            _logger.TrackerIgnored(error.Message);
            return null;
        }
    }
}
