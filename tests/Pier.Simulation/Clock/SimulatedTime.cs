namespace Pier.Simulation.Clock;

/// <summary>A clock that stands still until the simulation moves it; one tick is a nanosecond.</summary>
internal sealed class SimulatedTime : TimeProvider
{
    /// <summary>Ticks of a second.</summary>
    public const long Second = 1_000_000_000;

    /// <summary>Ticks of a millisecond.</summary>
    public const long Millisecond = Second / 1000;

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Nanoseconds since the simulation began.</summary>
    public long Now { get; set; }

    /// <inheritdoc/>
    public override long TimestampFrequency => Second;

    /// <inheritdoc/>
    public override long GetTimestamp() => Now;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Start + TimeSpan.FromTicks(Now / TimeSpan.NanosecondsPerTick);

    /// <summary>A span in nanoseconds.</summary>
    public static long Of(TimeSpan span) => span.Ticks * TimeSpan.NanosecondsPerTick;
}
