namespace Pier.BitTorrent.Trackers;

/// <summary>An announce or scrape failed: at which tracker, and why.</summary>
/// <remarks>Names the tracker's host only: the rest of a tracker's address is often somebody's pass key.</remarks>
public sealed class TrackerException : BitTorrentException
{
    public TrackerException(string tracker, string problem, Exception? innerException = null)
        : base($"tracker {tracker}: {problem}", innerException)
    {
        Tracker = tracker;
    }

    /// <summary>Scheme, host and port of the tracker.</summary>
    public string Tracker { get; }

    /// <summary>Whether the tracker itself said no (<c>failure reason</c>), rather than being out of reach or making no sense.</summary>
    public bool IsRefusal { get; init; }

    /// <summary>When the tracker wants to be asked again (BEP 31); <see cref="Timeout.InfiniteTimeSpan"/> for never, null when not said.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
