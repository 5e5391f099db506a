using System.Globalization;
using System.Text.Json;
using Pier.InteropTests.Engine;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Programs;

/// <summary>A real <c>pierd</c> on loopback with ports of its own, and <c>pier</c> to command it; it can be started again on the same state.</summary>
internal sealed class PierProgram : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private IReadOnlyList<string> _flags;
    private ExternalProcess? _daemon;

    private PierProgram(TempFolder folder, IReadOnlyList<string> flags)
    {
        _folder = folder;
        _flags = flags;
    }

    public int RegistryPort { get; } = FreePort.Next();

    public int PeersPort { get; } = FreePort.Next(alsoUdp: true);

    public string AnnounceUrl => $"http://127.0.0.1:{RegistryPort}/announce";

    public ExternalProcess Daemon => _daemon ?? throw new InvalidOperationException("pierd is not running");

    /// <summary>The node's state.</summary>
    public string StateFolder => _folder.Below("state");

    private string Socket => _folder.Below("pier.sock");

    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="settings">Of the configuration file, beside its version.</param>
    /// <param name="flags">More flags.</param>
    /// <param name="stateIn">A folder that the state folder is to be a link to; null for none.</param>
    public static async Task<PierProgram> StartAsync(
        CancellationToken cancellationToken, Dictionary<string, object>? settings = null, IReadOnlyList<string>? flags = null, string? stateIn = null)
    {
        var pier = new PierProgram(TempFolder.Create("pierd"), flags ?? []);
        try
        {
            var configuration = new Dictionary<string, object>(settings ?? [], StringComparer.Ordinal) { ["version"] = 1 };
            await File.WriteAllTextAsync(pier._folder.Below("pier.json"), JsonSerializer.Serialize(configuration), cancellationToken);
            if (stateIn is not null)
            {
                File.CreateSymbolicLink(pier.StateFolder, stateIn);
            }
            await pier.StartDaemonAsync(cancellationToken);
            return pier;
        }
        catch
        {
            await pier.DisposeAsync();
            throw;
        }
    }

    /// <summary>The path of a file in the state folder.</summary>
    public string StateFile(string name) => _folder.Below("state", name);

    /// <summary>Runs <c>pier</c> and returns what it left.</summary>
    public Task<CommandResult> RunAsync(CancellationToken cancellationToken, params IReadOnlyList<string> arguments) => Command.RunAsync(
        Program("pier"), [.. arguments, "--socket", Socket], cancellationToken);

    /// <summary>The lines that a successful <c>pier</c> printed.</summary>
    public async Task<string[]> LinesAsync(CancellationToken cancellationToken, params IReadOnlyList<string> arguments) =>
        (await RunAsync(cancellationToken, arguments)).OrThrow().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Seeds a file or folder, and leaves no torrent file beside it.</summary>
    /// <returns>The magnet link.</returns>
    public async Task<string> SeedAsync(string path, CancellationToken cancellationToken) =>
        (await LinesAsync(cancellationToken, "seed", path, "--torrent", "-")).First(line => line.StartsWith("magnet:", StringComparison.Ordinal));

    /// <summary>Waits until every name of a torrent is in a seeding swarm.</summary>
    public Task SeedsAsync(string name, CancellationToken cancellationToken) => Eventually.TrueAsync(
        async () =>
        {
            var status = JsonDocument.Parse((await RunAsync(cancellationToken, "status", "--json")).OrThrow().Output).RootElement;
            return status.GetProperty("swarms").EnumerateArray().Any(swarm =>
                swarm.GetProperty("name").GetString() == name && swarm.GetProperty("state").GetString() == "seeding");
        },
        $"pierd to seed {name}",
        PierPeer.Deadline,
        cancellationToken);

    /// <summary>Nodes of the DHT that it knows.</summary>
    public async Task<int> DhtNodesAsync(CancellationToken cancellationToken) =>
        JsonDocument.Parse((await RunAsync(cancellationToken, "status", "--json")).OrThrow().Output).RootElement.GetProperty("dht").GetProperty("nodes").GetInt32();

    /// <summary>Bytes that the daemon has read since it was started, from files, sockets and pipes (proc(5), <c>rchar</c>).</summary>
    public async Task<long> BytesReadAsync(CancellationToken cancellationToken)
    {
        var lines = await File.ReadAllLinesAsync($"/proc/{Daemon.Id}/io", cancellationToken);
        return long.Parse(lines.Single(line => line.StartsWith("rchar:", StringComparison.Ordinal))["rchar:".Length..], CultureInfo.InvariantCulture);
    }

    /// <summary>Stops the daemon as systemd does, and starts it again on the same state.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await Daemon.StopAsync(TimeSpan.FromSeconds(20), cancellationToken);
        await Daemon.DisposeAsync();
        await StartDaemonAsync(cancellationToken);
    }

    /// <summary>Asks whoever keeps this node's mounts to end, and them, as the system's end does.</summary>
    /// <returns>Whether anybody did.</returns>
    public async Task<bool> EndKeeperAsync(CancellationToken cancellationToken)
    {
        var keepers = Keepers;
        foreach (var keeper in keepers)
        {
            await Command.RunAsync("kill", [$"{keeper}"], cancellationToken);
        }
        return keepers.Count > 0;
    }

    /// <summary>Ends the daemon as a crash does, and starts it again on the same state.</summary>
    public Task CrashAsync(CancellationToken cancellationToken) => KillAndStartAsync(_flags, cancellationToken);

    /// <summary>Starts a daemon that was killed again, on the same state.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        await Daemon.DisposeAsync();
        await StartDaemonAsync(cancellationToken);
    }

    /// <summary>Kills the daemon, and starts it again on the same state.</summary>
    /// <param name="flags">More flags, instead of those it had.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task KillAndStartAsync(IReadOnlyList<string> flags, CancellationToken cancellationToken)
    {
        await Daemon.KillAsync(cancellationToken);
        await Daemon.DisposeAsync();
        _flags = flags;
        await StartDaemonAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_daemon is not null)
        {
            await _daemon.DisposeAsync();
        }
        foreach (var keeper in Keepers)
        {
            StartedProcesses.Kill(keeper);
        }
        await _folder.DisposeAsync();
    }

    // The state folder may be a link.
    private IReadOnlyList<int> Keepers => StartedProcesses.Find((_, words) => words.Contains("mountd")
        && (words.Contains(StateFile("mounts.sock")) || (new DirectoryInfo(StateFolder).LinkTarget is { } real && words.Contains(Path.Combine(real, "mounts.sock")))));

    private static string Program(string name) => RequiredTool.Path(Path.Combine(AppContext.BaseDirectory, name), "dotnet build");

    private async Task StartDaemonAsync(CancellationToken cancellationToken)
    {
        var control = FreePort.Next();
        _daemon = await ExternalProcess.StartAsync(
            new ProcessPlan("pierd", Program("pierd"),
            [
                "--config", _folder.Below("pier.json"), "--state", StateFolder, "--socket", Socket, "--log-level", "debug",
                "--registry", $"127.0.0.1:{RegistryPort}", "--peers", $"127.0.0.1:{PeersPort}", "--control", $"127.0.0.1:{control}",
                "--node", $"127.0.0.1:{FreePort.Next()}", .. _flags,
            ])
            {
                Ready = Readiness.WhenHttpAnswers(new Uri($"http://127.0.0.1:{control}/readyz")),
            },
            cancellationToken);
    }
}
