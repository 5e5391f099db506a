namespace Pier.Fetch.Ladder;

/// <summary>What the rules see of a source at work; times are since the start of the fetch.</summary>
/// <param name="Rung">The rung it was started on.</param>
/// <param name="Started">When it was started.</param>
/// <param name="LastProgress">When bytes last arrived from it; null before the first.</param>
/// <param name="Rate">Bytes per second over the last seconds, those of unfinished pieces included.</param>
internal readonly record struct LegView(Rung Rung, TimeSpan Started, TimeSpan? LastProgress, double Rate)
{
    /// <summary>When it last showed that it is alive, if that was after its last bytes: a piece of a swarm that is not whole yet.</summary>
    public TimeSpan? LastSign { get; init; }

    /// <summary>How long it may be silent; null as its rung may.</summary>
    public LegPatience? Patience { get; init; }

    /// <summary>It has been told to end and has not yet: no more is expected of it, and it is not told again.</summary>
    public bool IsStopping { get; init; }

    /// <summary>True once a first byte has arrived.</summary>
    public bool Delivers => LastProgress is not null;
}

/// <summary>How long a source may be silent before it is replaced.</summary>
/// <param name="FirstByte">From its start to its first byte.</param>
/// <param name="Stall">After its last byte.</param>
internal readonly record struct LegPatience(TimeSpan FirstByte, TimeSpan Stall);
