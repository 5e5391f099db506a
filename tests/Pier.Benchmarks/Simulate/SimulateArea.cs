using Pier.Benchmarks.Harness;
using Pier.Simulation.Results;
using Pier.Simulation.Scenarios;

namespace Pier.Benchmarks.Simulate;

/// <summary>The swarm engine at thousands of nodes: its own loop, picker, choker and tracker on a virtual clock.</summary>
internal sealed class SimulateArea : IBenchArea
{
    private const string Large = "sim-2600x3g";
    private const string Wide = "sim-10k";
    private const string Eight = "sim-8x100";
    private const string EightSeed = "sim-8x100-seed";
    private const string EightCold = "sim-8x100-cold";
    private const string EightUpstream = "sim-8x100-cold-upstream";
    private const string Blocks = "sim-blocks";
    private const int Seeds = 3;

    /// <inheritdoc/>
    public string Name => "simulate";

    /// <inheritdoc/>
    public IReadOnlyList<string> RowNames => [Large, Wide, Eight, EightSeed, EightCold, EightUpstream, Blocks];

    /// <inheritdoc/>
    public IReadOnlyList<string> Settings { get; } =
    [
        "simulate: at most 60 connections a node, equal caps up and down, blocks in units of 256 KiB but where said; times as multiples of the cap's time",
        "simulate: Kraken publishes for 2,600 hosts, 3 GB in two layers, 300 MB/s: p50 1.0 and p99 1.8 times the cap's time",
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        Scenario[] scenarios =
        [
            Catalogue.Wide, Catalogue.Large, Catalogue.FineFlash, .. Catalogue.Small, .. SeedsOf(Catalogue.Eight), .. SeedsOf(Catalogue.EightCold),
        ];
        var results = await PlayAllAsync(scenarios, cancellationToken);
        var (wide, large, fine) = (results[0], results[1], results[2]);
        var small = results[3..^(2 * Seeds)];
        var eight = results[^(2 * Seeds)..^Seeds];
        var cold = results[^Seeds..];

        await Console.Out.WriteLineAsync();
        await Console.Out.WriteLineAsync(ResultTable.Head);
        foreach (var result in (SimulationResult[])[.. eight, .. cold, fine, .. small, large, wide])
        {
            await Console.Out.WriteLineAsync(ResultTable.Line(result));
        }

        return
        [
            Times(Large, large, 1.25),
            Times(Wide, wide, 2),
            Row(Eight, "cap's time", 1.15, eight, result => result.Last / result.Scenario.CapSeconds),
            Row(EightSeed, "copies", 1.3, eight, result => result.OriginShare),
            Row(EightCold, "cap's time", 1.35, cold, result => result.Last / result.Scenario.CapSeconds),
            Row(EightUpstream, "copies", 1.05, cold, result => result.OriginShare),
            new BenchRow(
                Name, Blocks, "ratio", Aim.Most(1.05), [Difference(fine, small[0])], $"{fine.Scenario.Nodes} nodes in units of 16 KiB and of 256 KiB: p50, p99 and all, whichever differs most"),
        ];
    }

    /// <summary>A run is single-threaded: as many at once as there are processors, the longest first.</summary>
    private static async Task<SimulationResult[]> PlayAllAsync(Scenario[] scenarios, CancellationToken cancellationToken)
    {
        var results = new SimulationResult[scenarios.Length];
        var sideBySide = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(scenarios.Index(), sideBySide, async (each, token) =>
        {
            results[each.Index] = await ScenarioProcess.PlayAsync(each.Item, token);
            await Console.Error.WriteLineAsync(ResultTable.Line(results[each.Index]));
        });
        return results;
    }

    private static IEnumerable<Scenario> SeedsOf(Scenario scenario) =>
        Enumerable.Range(1, Seeds).Select(seed => scenario with { Network = scenario.Network with { Seed = seed } });

    private static double Difference(SimulationResult one, SimulationResult other) => new[] { 0.5, 0.99, 1 }
        .Max(share => Math.Max(one.Percentile(share) / other.Percentile(share), other.Percentile(share) / one.Percentile(share)));

    private BenchRow Times(string name, SimulationResult result, double most) =>
        Row(name, "cap's time", most, [result], one => one.P99OverCap);

    private BenchRow Row(string name, string unit, double most, IReadOnlyList<SimulationResult> results, Func<SimulationResult, double> figure)
    {
        var one = results[0];
        var cap = one.Scenario.CapSeconds;

        // Nodes that never finish have no figures.
        return new BenchRow(
            Name,
            name,
            unit,
            Aim.Most(most),
            [.. results.Select(result => result.Unfinished == 0 ? figure(result) : double.PositiveInfinity)],
            $"p50 {one.Percentile(0.5) / cap:0.00}, p99 {one.P99OverCap:0.00}, all {one.Last / cap:0.00} times {cap:0.0} s, sent once or more {one.OriginShare:0.00}, "
            + $"{one.LostUnfinished} lost, {one.Unfinished} stuck, {one.Elapsed.TotalSeconds:0} s");
    }
}
