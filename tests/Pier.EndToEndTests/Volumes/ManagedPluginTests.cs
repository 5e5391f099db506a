using System.Security.Cryptography;
using System.Text.Json;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Volumes;

/// <summary>The managed plugin in a real dockerd: enabled it is mirror and volumes at once; what it keeps outlives disabling, and another version of it.</summary>
public sealed class ManagedPluginTests
{
    private const string Plugin = "pier/volume";
    private const int Size = 5_000_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Volumes_and_mirror_come_with_the_plugin_and_outlive_it()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1, Cancel);
        await using var files = TempFolder.Create("plugin");
        var content = RandomNumberGenerator.GetBytes(Size);
        await File.WriteAllBytesAsync(files.Below("data"), content, Cancel);
        var magnet = await SeedAsync(cluster.Nodes[0], files.Below("data"));
        var token = await cluster.Nodes[0].FoundClusterAsync(Cancel);
        var made = files.Below("made");
        (await Command.RunAsync("bash", [Recipe(), "--into", made, "--from", AppContext.BaseDirectory], Cancel)).OrThrow();
        var (lib, run) = (files.MakeFolder("lib"), files.MakeFolder("run"));
        await File.WriteAllTextAsync(
            Path.Combine(lib, "pierd.json"),
            JsonSerializer.Serialize(new { version = 1, upstreams = new Dictionary<string, object> { ["docker.io"] = new { endpoints = new[] { cluster.Upstream.Address.ToString() } } } }),
            Cancel);
        await File.WriteAllTextAsync(Path.Combine(lib, "token"), token.Token, Cancel);
        File.SetUnixFileMode(Path.Combine(lib, "token"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var host = await cluster.Network.AddHostAsync("plugin", Cancel);
        await using var docker = await DockerEngine.StartAsync(host, new DockerPlan { Mirror = PierNode.Mirror, OwnPlugins = true }, Cancel);

        await MakeAsync();
        await docker.PullAsync(cluster.Images.Debian.Name, Cancel);
        Directory.GetDirectories(Path.Combine(lib, "pier", "blobs")).ShouldNotBeEmpty("the pull went through the plugin");
        await DockerAsync("volume", "create", "-d", Plugin, "-o", "source=" + magnet, "data");
        (await SumAsync("data")).ShouldBe(Convert.ToHexStringLower(SHA256.HashData(content)));

        (await docker.DockerAsync(["plugin", "disable", Plugin], Cancel)).ExitCode.ShouldNotBe(0, "a volume of it is there");
        await DockerAsync("plugin", "disable", "-f", Plugin);
        await DockerAsync("plugin", "enable", Plugin);
        (await DockerAsync("volume", "ls", "-q")).ShouldBe("data");
        (await SumAsync("data")).ShouldBe(Convert.ToHexStringLower(SHA256.HashData(content)));

        // Another version: the plugin goes, what it kept stays.
        await DockerAsync("plugin", "disable", "-f", Plugin);
        await DockerAsync("plugin", "rm", "-f", Plugin);
        await MakeAsync();
        (await SumAsync("data")).ShouldBe(Convert.ToHexStringLower(SHA256.HashData(content)));
        await DockerAsync("volume", "rm", "data");
        await DockerAsync("plugin", "disable", "-f", Plugin);

        async Task<string> DockerAsync(params string[] arguments) => (await docker.DockerAsync(arguments, Cancel)).OrThrow().Output.Trim();

        async Task MakeAsync()
        {
            await DockerAsync("plugin", "create", Plugin, made);
            await DockerAsync("plugin", "set", Plugin, "lib.source=" + lib, "run.source=" + run,
                $"flags=--config /host/lib/pierd.json --join {token.JoinAddress} --token-file /host/lib/token --advertise {host.Address}");
            await DockerAsync("plugin", "enable", "--timeout", "90", Plugin);
        }

        async Task<string> SumAsync(string volume) => (await DockerAsync(
            "run", "--rm", "--network", "none", "-v", $"{volume}:/data:ro", cluster.Images.Debian.Name, "sha256sum", "/data/data")).Split(' ')[0];
    }

    private static async Task<string> SeedAsync(PierNode node, string path)
    {
        var lines = (await node.PierAsync(["seed", path, "--torrent", "-"], Cancel)).OrThrow().Output.Split('\n');
        return lines.First(line => line.StartsWith("magnet:", StringComparison.Ordinal));
    }

    private static string Recipe()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "PierPlugins.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the repository's root was not found");
        }

        return Path.Combine(folder, "plugins", "volume", "build.sh");
    }
}
