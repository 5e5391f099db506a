using Pier.Simulation.Clock;
using Pier.Simulation.Network;
using Pier.Simulation.Nodes;
using Pier.Simulation.Scenarios;

namespace Pier.Simulation.Results;

/// <summary>What a run came to.</summary>
internal sealed record SimulationResult
{
    /// <summary>What was played.</summary>
    public required Scenario Scenario { get; init; }

    /// <summary>Seconds from each node's arrival to its completion, in ascending order.</summary>
    public required IReadOnlyList<double> Seconds { get; init; }

    /// <summary>Nodes that were lost before they were complete.</summary>
    public required int LostUnfinished { get; init; }

    /// <summary>Nodes that were there at the end and not complete; none when all is well.</summary>
    public required int Unfinished { get; init; }

    /// <summary>Bytes of blocks that the origin sent, or that the upstream did, as a share of the content.</summary>
    public required double OriginShare { get; init; }

    /// <summary>Seconds until every piece had come to some node; until then the origin is what limits all.</summary>
    public required double OutSeconds { get; init; }

    /// <summary>What a node sent on average, as a share of what its cap allowed until it was complete.</summary>
    public required double UpShare { get; init; }

    /// <summary>The least that a node received, as a share of what its cap allowed until it was complete.</summary>
    public required double LeastDownShare { get; init; }

    /// <summary>Bytes that are not content, as a share of all bytes sent.</summary>
    public required double ControlShare { get; init; }

    /// <summary>Bytes received that were not needed, as a share of the content times the nodes.</summary>
    public required double WasteShare { get; init; }

    /// <summary>Pieces that failed their hash.</summary>
    public required int BadPieces { get; init; }

    /// <summary>Liars that were banned, summed over the nodes that banned them.</summary>
    public required int Bans { get; init; }

    /// <summary>Honest nodes that were banned, summed likewise; none when all is well.</summary>
    public required int WrongBans { get; init; }

    /// <summary>Events that the run took.</summary>
    public required long Events { get; init; }

    /// <summary>Time that the run took.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Seconds until the last node was complete.</summary>
    public double Last => Seconds.Count > 0 ? Seconds[^1] : double.NaN;

    /// <summary>The seconds within which a share of the nodes was complete.</summary>
    public double Percentile(double share) =>
        Seconds.Count > 0 ? Seconds[Math.Clamp((int)Math.Ceiling(share * Seconds.Count) - 1, 0, Seconds.Count - 1)] : double.NaN;

    /// <summary>The 99th percentile as a multiple of the cap's time.</summary>
    public double P99OverCap => Percentile(0.99) / Scenario.CapSeconds;

    /// <summary>Gathers the figures of a network that has come to its end.</summary>
    public static SimulationResult Of(
        Scenario scenario, SimulatedNetwork network, IReadOnlyList<SimulatedNode> seekers, int lost, long? upstreamSent, TimeSpan elapsed)
    {
        var finished = seekers.Where(node => node.FinishedAt is not null).ToArray();
        var sent = network.Nodes.Sum(node => node.Uplink.Sent);
        var control = network.Nodes.Sum(node => node.Uplink.Control);
        var needed = (double)scenario.TotalSize * Math.Max(1, finished.Length);
        return new SimulationResult
        {
            Scenario = scenario,
            Seconds = [.. finished.Select(SecondsOf).Order()],
            LostUnfinished = seekers.Count(node => !node.IsUp && node.FinishedAt is null),
            Unfinished = seekers.Count(node => node.FinishedAt is null) - seekers.Count(node => !node.IsUp && node.FinishedAt is null),
            OriginShare = (double)(upstreamSent ?? network.Nodes[0].Uplink.Sent) / scenario.TotalSize,
            OutSeconds = network.Contents.Max(content => (double)(content.OutAt ?? network.Time.Now) / SimulatedTime.Second),
            UpShare = finished.Length == 0 ? 0 : finished.Average(node => node.Uplink.Sent / (node.Plan.Up * SecondsOf(node))),
            LeastDownShare = finished.Length == 0 ? 0 : finished.Min(node => scenario.TotalSize / (node.Plan.Down * SecondsOf(node))),
            ControlShare = sent + control == 0 ? 0 : (double)control / (sent + control),
            WasteShare = network.Nodes.SelectMany(node => node.Swarms).Sum(swarm => swarm.Wasted) / needed,
            BadPieces = network.Nodes.Sum(node => node.BadPieces),
            Bans = CountBans(network, liars: true),
            WrongBans = CountBans(network, liars: false),
            Events = network.EventCount,
            Elapsed = elapsed,
        };
    }

    private static int CountBans(SimulatedNetwork network, bool liars)
    {
        var judged = network.Nodes.Where(node => node.Plan.IsLiar == liars).Select(node => node.EndPoint.Address).ToArray();
        return network.HasLiars ? network.Nodes.Sum(node => judged.Count(node.Bans.Contains)) : 0;
    }

    private static double SecondsOf(SimulatedNode node) => (double)(node.FinishedAt!.Value - node.ArrivedAt) / SimulatedTime.Second;
}
