using Pier.Simulation.Network;

namespace Pier.Simulation.Scenarios;

/// <summary>What happens in one run: who takes part, who comes when, what goes wrong.</summary>
internal sealed record Scenario
{
    /// <summary>What it is called in tables.</summary>
    public required string Name { get; init; }

    /// <summary>Nodes that want the content; the origin and liars come on top.</summary>
    public required int Nodes { get; init; }

    /// <summary>Bytes of each blob.</summary>
    public required IReadOnlyList<long> Sizes { get; init; }

    /// <summary>Bytes per second that every node can send and receive.</summary>
    public required double Cap { get; init; }

    /// <summary>The network.</summary>
    public NetworkPlan Network { get; init; } = new();

    /// <summary>Nodes come evenly spread over this time; all at once when zero.</summary>
    public TimeSpan ArrivalSpan { get; init; }

    /// <summary>Share of the nodes that is lost in a minute, one half of them without a word.</summary>
    public double LossPerMinute { get; init; }

    /// <summary>Whether holders of turns are lost like others.</summary>
    public bool LosesHolders { get; init; } = true;

    /// <summary>Bytes per second of the one node whose uplink is slow; null when there is none.</summary>
    public double? SlowUplink { get; init; }

    /// <summary>Whether the origin is another program, which suggests each peer one piece at a time.</summary>
    public bool SuggestsSingly { get; init; }

    /// <summary>Liars as a share of the nodes.</summary>
    public double Liars { get; init; }

    /// <summary>When the network is cut in two; null when it is not.</summary>
    public TimeSpan? CutAt { get; init; }

    /// <summary>When it is whole again.</summary>
    public TimeSpan HealsAt { get; init; }

    /// <summary>Bytes per second of the upstream in the place of an origin, shared by two holders of turns; null for an origin.</summary>
    public double? Upstream { get; init; }

    /// <summary>With an upstream: one holder of a turn vouches for each piece, and the others follow it (design §4).</summary>
    public bool IsProvisional { get; init; }

    /// <summary>When the run is given up.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Bytes of all blobs.</summary>
    public long TotalSize => Sizes.Sum();

    /// <summary>Seconds that all blobs take at the cap; nobody can be faster.</summary>
    public double CapSeconds => TotalSize / Cap;
}
