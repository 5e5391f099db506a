using Pier.Benchmarks.Harness;
using Pier.Simulation.Results;
using Pier.Simulation.Scenarios;

namespace Pier.Benchmarks.Simulate;

/// <summary>The swarm engine at thousands of nodes: its own loop, picker, choker and tracker on a virtual clock.</summary>
internal sealed class SimulateArea : IBenchArea
{
    private const string Large = "sim-2600x3g";
    private const string Wide = "sim-10k";

    /// <inheritdoc/>
    public string Name => "simulate";

    /// <inheritdoc/>
    public IReadOnlyList<string> RowNames => [Large, Wide];

    /// <inheritdoc/>
    public IReadOnlyList<string> Settings { get; } =
    [
        "simulate: at most 60 connections a node, equal caps up and down, blocks in units of 256 KiB but where said; times as multiples of the cap's time",
        "simulate: Kraken publishes for 2,600 hosts, 3 GB in two layers, 300 MB/s: p50 1.0 and p99 1.8 times the cap's time",
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        // One processor each: a run is single-threaded, and both are needed for both rows to fit ten minutes.
        var large = Task.Run(() => ScenarioRun.Play(Catalogue.Large), cancellationToken);
        var rest = Task.Run(() => Play(cancellationToken), cancellationToken);
        var wide = (await rest)[^1];
        var rows = new[] { Row(Large, await large, 1.25), Row(Wide, wide, 2) };
        await Console.Out.WriteLineAsync();
        await Console.Out.WriteLineAsync(ResultTable.Head);
        foreach (var result in (await rest).Append(await large))
        {
            await Console.Out.WriteLineAsync(ResultTable.Line(result));
        }

        return rows;
    }

    private static List<SimulationResult> Play(CancellationToken cancellationToken)
    {
        var results = new List<SimulationResult>();
        foreach (var scenario in Catalogue.Small.Append(Catalogue.Wide))
        {
            cancellationToken.ThrowIfCancellationRequested();
            results.Add(ScenarioRun.Play(scenario));
            Console.Error.WriteLine(ResultTable.Line(results[^1]));
        }

        return results;
    }

    private BenchRow Row(string name, SimulationResult result, double most) => new(
        Name,
        name,
        "cap's time",
        Aim.Most(most),
        // Nodes that never finish have no 99th percentile.
        [result.Unfinished == 0 ? result.P99OverCap : double.PositiveInfinity],
        $"p50 {result.Percentile(0.5) / result.Scenario.CapSeconds:0.00}, all {result.Last / result.Scenario.CapSeconds:0.00}, "
        + $"origin sent {result.OriginShare:0.00} copies, {result.LostUnfinished} lost, {result.Unfinished} stuck, {result.Elapsed.TotalSeconds:0} s");
}
