namespace Pier.Simulation.Clock;

/// <summary>What comes due in a simulation.</summary>
internal enum EventKind : byte
{
    /// <summary>A second of swarm A has passed.</summary>
    Tick,

    /// <summary>The uplink of node A may send again.</summary>
    Uplink,

    /// <summary>Block B has come over link A.</summary>
    Block,

    /// <summary>Messages of round A have come.</summary>
    Messages,

    /// <summary>The next piece of swarm A is hashed.</summary>
    Checked,

    /// <summary>The end of link A hears that it is closed.</summary>
    Closed,

    /// <summary>Call A.</summary>
    Call,
}

/// <summary>Something that comes due. Plain numbers, because there are hundreds of millions.</summary>
/// <param name="At">When, in nanoseconds.</param>
/// <param name="Sequence">Order among those of one moment.</param>
/// <param name="Kind">What.</param>
/// <param name="A">Of which node, swarm, link or call.</param>
/// <param name="B">A block.</param>
internal readonly record struct SimulatedEvent(long At, uint Sequence, EventKind Kind, int A, int B)
{
    /// <summary>Whether it comes before another.</summary>
    public bool IsBefore(in SimulatedEvent other) => At != other.At ? At < other.At : Sequence < other.Sequence;
}
