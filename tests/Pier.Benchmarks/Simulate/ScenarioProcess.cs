using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pier.Simulation.Results;
using Pier.Simulation.Scenarios;
using Pier.TestKit.Processes;

namespace Pier.Benchmarks.Simulate;

/// <summary>
/// A simulated run in a process of its own: runs side by side do not stop each other when they collect garbage, and collect seldom,
/// which this program's other areas must not.
/// </summary>
internal static class ScenarioProcess
{
    /// <summary>The first argument of the process.</summary>
    public const string Verb = "simulated-run";

    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    // A generation of 128 MB; everything of a run happens on one thread.
    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal)
    {
        ["DOTNET_GCgen0size"] = "0x8000000",
        ["DOTNET_gcConcurrent"] = "0",
        ["DOTNET_TieredPGO"] = "1",
    };

    /// <summary>Plays a scenario of the catalogue in another process.</summary>
    public static async Task<SimulationResult> PlayAsync(Scenario scenario, CancellationToken cancellationToken)
    {
        string[] arguments = [Verb, scenario.Name, scenario.Network.Seed.ToString(CultureInfo.InvariantCulture)];
        var said = (await Command.RunAsync(Environment.ProcessPath!, arguments, Settings, cancellationToken)).OrThrow().Output;
        return JsonSerializer.Deserialize<SimulationResult>(said, Json)!;
    }

    /// <summary>Is that process.</summary>
    /// <param name="name">A scenario of the catalogue.</param>
    /// <param name="seed">Its seed.</param>
    public static int Run(string name, string seed)
    {
        var scenario = Catalogue.All.First(each => each.Name == name);
        var network = scenario.Network with { Seed = int.Parse(seed, CultureInfo.InvariantCulture) };
        Console.WriteLine(JsonSerializer.Serialize(ScenarioRun.Play(scenario with { Network = network }), Json));
        return 0;
    }
}
