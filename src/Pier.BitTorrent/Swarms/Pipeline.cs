using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms;

/// <summary>How many requests are kept outstanding with a peer: enough to keep it busy, not so many that others cannot help.</summary>
internal static class Pipeline
{
    /// <summary>Requests outstanding with a peer of unknown speed.</summary>
    public const int Start = 32;

    private const int Least = 4;
    private static readonly TimeSpan QueueTime = TimeSpan.FromSeconds(2);

    /// <summary>After blocks came: a peer that is still speeding up gets as many more, as TCP's slow start does.</summary>
    public static int Grow(int target, int blocks, int bound) => Math.Min(target + blocks, bound);

    /// <summary>Once a second: what the peer sends in two seconds, as far as its own queue goes.</summary>
    public static int Settle(double downloadRate, int bound) =>
        Math.Clamp((int)(downloadRate * QueueTime.TotalSeconds / WireLimits.BlockSize), Math.Min(Least, bound), bound);
}
