namespace Pier.BitTorrent.Limits;

/// <summary>When a complete torrent has given enough: by either, whichever comes first; without both it seeds for ever.</summary>
/// <param name="Ratio">Bytes sent for each byte of its content.</param>
/// <param name="Time">How long it seeds, time in which it was removed or at rest not counted.</param>
public sealed record SeedingGoal(double? Ratio = null, TimeSpan? Time = null)
{
    /// <summary>Seeds for ever.</summary>
    public static SeedingGoal None { get; } = new();

    /// <summary>What of it is reached, in words; null while nothing is.</summary>
    internal string? Reached(long uploaded, long size, TimeSpan seeded) =>
        Ratio is { } ratio && size > 0 && uploaded >= ratio * size ? FormattableString.Invariant($"{uploaded} bytes sent of {size}, {ratio} for each are wanted")
        : Time is { } time && seeded >= time ? $"seeded for {seeded:g}, {time:g} is wanted"
        : null;
}
