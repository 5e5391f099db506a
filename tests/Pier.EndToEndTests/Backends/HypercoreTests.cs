using System.Security.Cryptography;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Backends;

/// <summary>The backend hypercore with the real Hypercore, in a running node; the drive is on another host, found over a DHT of theirs.</summary>
[Trait("Run", "full")]
public sealed class HypercoreTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static string Modules => Environment.GetEnvironmentVariable("PIER_HYPERCORE") ?? "/var/cache/pier-tests/hypercore";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Drives_their_files_and_plain_cores_come_from_a_peer()
    {
        RequiredTool.Path(Path.Combine(Modules, "node_modules", "hyperdrive", "package.json"), "./test.sh full");
        var content = RandomNumberGenerator.GetBytes(500_000);
        await using var folder = TempFolder.Create("hypercore");
        await File.WriteAllBytesAsync(folder.Below("content"), content, Cancel);
        await using var network = await TestNetwork.CreateAsync(Cancel);
        var seeding = await network.AddHostAsync("seed", Cancel);
        await using var seed = await ExternalProcess.StartAsync(
            new ProcessPlan(
                "hypercore",
                RequiredTool.Path("nsenter", "apt-get install util-linux"),
                seeding.Namespace.Enter(
                    RequiredTool.Path("node", "apt-get install nodejs"),
                    [Path.Combine(AppContext.BaseDirectory, "Backends", "hypercore_seed.mjs"), Modules, seeding.Address.ToString(), folder.Below("content"), folder.MakeFolder("seeding")]))
            {
                Ready = Readiness.WhenLogSays("READY "),
                Deadline = Deadline,
            },
            Cancel);
        var said = seed.Log.Lines.Last(line => line.Contains("READY ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.TrimEntries);
        var (drive, core, bootstrap) = (said[^3], said[^2], said[^1]);
        (await Command.RunAsync("cp", ["-r", SourceTree.At("plugins/backends"), folder.Below("backends")], Cancel)).OrThrow();
        var modules = folder.Below("backends/hypercore/node_modules");
        (await Command.RunAsync("ln", ["-sfn", Path.Combine(Modules, "node_modules"), modules], Cancel)).OrThrow();
        await using var node = await PierNode.StartAsync(
            await network.AddHostAsync("node", Cancel), new PierNodePlan { DockerHub = new Uri("http://127.0.0.1:1/"), Flags = ["--backends", folder.Below("backends")] }, Cancel);

        (await node.PierAsync(["get", $"hypercore:{drive}?bootstrap={bootstrap}", folder.Below("whole")], Cancel)).OrThrow();
        (await node.PierAsync(["get", $"hypercore:hyper://{drive}/below/file.bin?bootstrap={bootstrap}", folder.Below("one")], Cancel)).OrThrow();
        (await node.PierAsync(["get", $"hypercore:{core}?bootstrap={bootstrap}", folder.Below("plain")], Cancel)).OrThrow();
        var absent = await node.PierAsync(["get", $"hypercore:{drive}/absent?bootstrap={bootstrap}", folder.Below("absent")], Cancel);
        var refused = await node.PierAsync(["get", "hypercore:nonsense", folder.Below("refused")], Cancel);

        Files(folder.Below("whole")).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["file.bin", "text"]);
        (await File.ReadAllBytesAsync(Files(folder.Below("whole")).Single(file => file.EndsWith("below/file.bin", StringComparison.Ordinal)), Cancel)).ShouldBe(content);
        (await File.ReadAllBytesAsync(Files(folder.Below("one")).ShouldHaveSingleItem(), Cancel)).ShouldBe(content);
        (await File.ReadAllBytesAsync(Files(folder.Below("plain")).ShouldHaveSingleItem(), Cancel)).ShouldBe(content);
        absent.Error.ShouldContain("there is no '/absent' in it");
        refused.Error.ShouldContain("'nonsense' is no key");
    }

    /// <summary>A destination that is the file, or a folder's files.</summary>
    private static string[] Files(string path) => File.Exists(path) ? [path] : Directory.GetFiles(path, "*", SearchOption.AllDirectories);
}
