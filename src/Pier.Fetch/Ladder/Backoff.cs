namespace Pier.Fetch.Ladder;

/// <summary>When a rung may be tried again: at once the first time, then after pauses that double.</summary>
internal sealed class Backoff(FetchOptions options)
{
    /// <summary>Tries that failed since the last success.</summary>
    public int Failures { get; private set; }

    /// <summary>When the next try is due, since the start of the fetch.</summary>
    public TimeSpan ReadyAt { get; private set; }

    /// <summary>Counts a failed try at <paramref name="now"/>.</summary>
    public void Fail(TimeSpan now)
    {
        var pause = options.FirstPause * Math.Pow(2, Math.Min(Failures, 16));
        ReadyAt = now + (pause < options.LongestPause ? pause : options.LongestPause);
        Failures++;
    }

    /// <summary>Bytes arrived: the next pause starts short again.</summary>
    public void Succeed() => Failures = 0;
}
