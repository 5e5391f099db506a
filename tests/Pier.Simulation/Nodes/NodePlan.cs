using System.Net;

namespace Pier.Simulation.Nodes;

/// <summary>What a node is like.</summary>
internal sealed record NodePlan
{
    /// <summary>Bytes per second it can send.</summary>
    public required double Up { get; init; }

    /// <summary>Bytes per second it can receive.</summary>
    public required double Down { get; init; }

    /// <summary>When it arrives.</summary>
    public TimeSpan Arrives { get; init; }

    /// <summary>It has everything from the start.</summary>
    public bool IsOrigin { get; init; }

    /// <summary>It says that it has everything, and sends rubbish.</summary>
    public bool IsLiar { get; init; }

    /// <summary>It is another program, which suggests each peer one piece at a time.</summary>
    public bool SuggestsSingly { get; init; }

    /// <summary>It holds the turn for a blob that its members pass on by its word (design §4).</summary>
    public bool Vouches { get; init; }

    /// <summary>The holder that it follows; null when it follows none.</summary>
    public IPEndPoint? Follows { get; init; }

    /// <summary>It fetches from the upstream, as a holder of a turn does: forwards from the start, or backwards from the end.</summary>
    public UpstreamTurn Turn { get; init; }
}

/// <summary>How a node fetches from the upstream.</summary>
internal enum UpstreamTurn
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>From the first piece on.</summary>
    Forwards,

    /// <summary>From the last piece back.</summary>
    Backwards,
}
