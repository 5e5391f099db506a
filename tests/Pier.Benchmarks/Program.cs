using System.Net;
using Pier.Benchmarks.Builds;
using Pier.Benchmarks.Harness;
using Pier.Benchmarks.Mounts;
using Pier.Benchmarks.Registry;
using Pier.Benchmarks.Seeds;
using Pier.Benchmarks.Simulate;
using Pier.Benchmarks.Swarm;

// The swarm area starts this program again, once for each side of a transfer.
if (args is [SwarmSide.Verb or SwarmSide.WatchedVerb, var role, var torrent, var folder, var listen, .. var peers])
{
    var side = new SwarmSide(isWatched: args[0] == SwarmSide.WatchedVerb);
    return await side.RunAsync(role, torrent, folder, IPEndPoint.Parse(listen), [.. peers.Select(IPEndPoint.Parse)]);
}

// The simulate area starts this program again, once for each run.
if (args is [ScenarioProcess.Verb, var scenario, var seed])
{
    return ScenarioProcess.Run(scenario, seed);
}

// The mount area starts this program again to read.
if (args is ["random-reads", var file])
{
    return MountReader.Run(file);
}

// Each area adds itself here; those of one name run together.
IBenchArea[] areas =
[
    new RegistryArea(), new ConditionsArea(), new PullArea(), new ColdLayerArea(), new OneToOneArea(), new EightHostsArea(), new ColdHostsArea(), new IdleSeedsArea(),
    new TrackerArea(), new SimulateArea(), new MountArea(), new LazyArea(), new RunStartArea(), new BuildArea(),
];

var wanted = new List<string>();
string? jsonPath = null;
var rounds = 5;
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--json" when i + 1 < args.Length:
            jsonPath = args[++i];
            break;
        case "--rounds" when i + 1 < args.Length && int.TryParse(args[i + 1], out rounds) && rounds is > 0 and <= 100:
            i++;
            break;
        case var name when areas.Any(area => area.Name == name || area.RowNames.Contains(name)):
            wanted.Add(name);
            break;
        default:
            Console.Error.WriteLine($"usage: ./bench.sh [AREA|ROW…] [--rounds N] [--json FILE]\n  areas: {string.Join(' ', areas.Select(area => area.Name).Distinct())}");
            return 2;
    }
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

var chosen = areas.Where(area => wanted.Count == 0 || wanted.Contains(area.Name) || area.RowNames.Any(wanted.Contains)).ToArray();
var scratch = Directory.CreateTempSubdirectory("pier-bench-").FullName;
if (Directory.Exists("/dev/shm"))
{
    Directory.Delete(scratch);
    scratch = Directory.CreateDirectory(Path.Combine("/dev/shm", Path.GetFileName(scratch))).FullName;
}

var rows = new List<BenchRow>();
try
{
    foreach (var area in chosen)
    {
        // Rows of an area that was named, or that were named themselves.
        var context = new BenchContext(scratch, rounds, row => wanted.Count == 0 || wanted.Contains(area.Name) || wanted.Contains(row));
        context.WarmMemory();
        try
        {
            rows.AddRange(await area.RunAsync(context, stop.Token));
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            // The other areas go on; its rows are named below.
            Console.Error.WriteLine($"{area.Name} ({string.Join(' ', area.RowNames)}): {failed}");
        }
    }
}
finally
{
    Directory.Delete(scratch, recursive: true);
}

var facts = MachineFacts.Read().Concat(chosen.SelectMany(area => area.Settings)).ToArray();
BenchReport.Print(rows, facts, Console.Out);
if (jsonPath is not null)
{
    BenchReport.WriteJson(rows, facts, jsonPath);
}

var missing = chosen.SelectMany(area => area.RowNames.Where(row => wanted.Count == 0 || wanted.Contains(area.Name) || wanted.Contains(row))).Except(rows.Select(row => row.Name)).ToArray();
foreach (var name in missing)
{
    Console.Error.WriteLine($"The row {name} is missing: its measurement did not finish.");
}

return missing.Length == 0 ? 0 : 1;
