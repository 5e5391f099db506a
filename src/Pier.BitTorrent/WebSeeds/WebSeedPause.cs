namespace Pier.BitTorrent.WebSeeds;

/// <summary>How long a web seed is left alone after each failure: longer each time, and longer when asking soon cannot help.</summary>
internal sealed class WebSeedPause
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstLasting = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private TimeSpan _next;

    /// <summary>It gave what it was asked for.</summary>
    public void Succeeded() => _next = TimeSpan.Zero;

    /// <summary>It failed.</summary>
    public TimeSpan After(WebSeedException failure)
    {
        var least = failure.IsLasting ? FirstLasting : First;
        var pause = _next > least ? _next : least;
        _next = Bound(2 * pause);
        return failure.RetryAfter is { } asked && asked > pause ? Bound(asked) : pause;
    }

    private static TimeSpan Bound(TimeSpan pause) => pause < Longest ? pause : Longest;
}
