using Pier.Simulation.Network;
using Pier.Simulation.Results;
using Pier.Simulation.Scenarios;

namespace Pier.UnitTests.BitTorrent.Simulation;

/// <summary>Scenarios that take a second or two: 64 MiB at 12.5 MB/s, 5.4 s at the cap.</summary>
internal static class SmallSwarms
{
    private const long Size = 64 << 20;

    /// <summary>Forty nodes at once, one origin.</summary>
    public static Scenario Flash { get; } = new()
    {
        Name = "flash crowd",
        Nodes = 40,
        Sizes = [Size],
        Cap = 12.5e6,
        Network = new NetworkPlan { Seed = 7, BlockSize = 64 << 10, MaxConnections = 20 },
        Deadline = TimeSpan.FromMinutes(5),
    };

    /// <summary>Plays a scenario and sees to it that every node that stayed is complete.</summary>
    public static SimulationResult Play(Scenario scenario)
    {
        var result = ScenarioRun.Play(scenario);
        result.Unfinished.ShouldBe(0, ResultTable.Line(result));
        (result.Seconds.Count + result.LostUnfinished).ShouldBe(scenario.Nodes);
        return result;
    }
}
