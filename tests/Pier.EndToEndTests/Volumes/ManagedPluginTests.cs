using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Volumes;

/// <summary>
/// The managed plugin in a real dockerd: enabled it is mirror and volumes at once; what containers read outlives its daemon, what it keeps
/// outlives disabling, and another version of it.
/// </summary>
public sealed class ManagedPluginTests
{
    private const string Plugin = "pier/volume";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(20, false)]
    [InlineData(28, false, Traits = ["Run", "full"])]
    [InlineData(28, true, Traits = ["Run", "full"])]
    public async Task Volumes_and_mirror_come_with_the_plugin_and_outlive_it(int edition, bool containerdStore)
    {
        await using var scene = await PluginScene.StartAsync(Cancel);
        var image = scene.Cluster.Images.Debian.Name;
        var host = await scene.Cluster.Network.AddHostAsync("plugin", Cancel);
        var plan = new DockerPlan { Mirror = PierNode.Mirror, OwnPlugins = true };
        await using var docker = await DockerEngine.StartAsync(
            host, edition == 28 ? plan with { Programs = EnginePrograms.Newer, ContainerdStore = containerdStore } : plan, Cancel);

        await MakeAsync();
        await docker.PullAsync(image, Cancel);
        Directory.GetDirectories(Path.Combine(scene.Lib, "pier", "blobs")).ShouldNotBeEmpty("the pull went through the plugin");
        await DockerAsync("volume", "create", "-d", Plugin, "-o", "source=" + scene.Magnet, "data");
        (await SumAsync("data")).ShouldBe(scene.Sum);

        // Its daemon is killed while a container reads: what it reads waits, and the next daemon answers.
        await DockerAsync("volume", "create", "-d", Plugin, "-o", "source=" + scene.Magnet, "-o", "writable=true", "work");
        var staying = await DockerAsync("run", "-d", "--network", "none", "-v", "work:/data", image, "sh", "-c", "echo kept > /data/note; sleep 600");
        await Eventually.TrueAsync(async () => await InAsync(staying, "cat /data/note") == "kept", "the container runs", Deadline, Cancel);
        var daemon = DaemonOf(scene).ShouldHaveSingleItem();
        StartedProcesses.Kill(daemon);
        (await InAsync(staying, "sha256sum /data/data")).Split(' ')[0].ShouldBe(scene.Sum);
        (await InAsync(staying, "cat /data/note && echo more >> /data/note && cat /data/note")).ShouldBe("kept\nkept\nmore");
        DaemonOf(scene).ShouldHaveSingleItem().ShouldNotBe(daemon);
        (await DockerAsync("plugin", "ls", "--format", "{{.Enabled}}")).ShouldBe("true");
        await DockerAsync("rm", "-f", staying);
        await RemoveAsync("work");
        (await SumAsync("data")).ShouldBe(scene.Sum);

        // Disabled, it ends what a container has mounted, and leaves nothing in the way of the next.
        staying = await DockerAsync("run", "-d", "--network", "none", "-v", "data:/data:ro", image, "sleep", "600");
        (await docker.DockerAsync(["plugin", "disable", Plugin], Cancel)).ExitCode.ShouldNotBe(0, "a volume of it is there");
        await DockerAsync("plugin", "disable", "-f", Plugin);
        (await InAsync(staying, "sha256sum /data/data")).ShouldNotContain(scene.Sum);
        await Eventually.TrueAsync(() => DaemonOf(scene).Count == 0, "nothing of it runs", Deadline, Cancel);
        await DockerAsync("plugin", "enable", Plugin);
        (await DockerAsync("volume", "ls", "-q")).ShouldBe("data");
        (await SumAsync("data")).ShouldBe(scene.Sum);
        await DockerAsync("rm", "-f", staying);

        // Another version: the plugin goes, what it kept stays.
        await DockerAsync("plugin", "disable", "-f", Plugin);
        await DockerAsync("plugin", "rm", "-f", Plugin);
        await MakeAsync();
        (await SumAsync("data")).ShouldBe(scene.Sum);
        await DockerAsync("volume", "rm", "data");
        await DockerAsync("plugin", "disable", "-f", Plugin);

        async Task<string> DockerAsync(params string[] arguments) => (await docker.DockerAsync(arguments, Cancel)).OrThrow().Output.Trim();

        async Task<string> InAsync(string container, string script)
        {
            var result = await docker.DockerAsync(["exec", container, "sh", "-c", script], Cancel);
            return (result.ExitCode == 0 ? result.Output : result.Error).Trim();
        }

        async Task RemoveAsync(string volume) => await Eventually.TrueAsync(
            async () => (await docker.DockerAsync(["volume", "rm", volume], Cancel)).ExitCode == 0, "the volume goes once nobody uses it", Deadline, Cancel);

        async Task MakeAsync()
        {
            await DockerAsync("plugin", "create", Plugin, scene.Made);
            await DockerAsync(["plugin", "set", Plugin, .. scene.SettingsOn(host)]);
            await DockerAsync("plugin", "enable", "--timeout", "90", Plugin);
        }

        async Task<string> SumAsync(string volume) =>
            (await DockerAsync("run", "--rm", "--network", "none", "-v", $"{volume}:/data:ro", image, "sha256sum", "/data/data")).Split(' ')[0];
    }

    /// <summary>The daemon below the plugin's first process: of this scene, for it sees its folder.</summary>
    private static IReadOnlyList<int> DaemonOf(PluginScene scene) => StartedProcesses.Find((pid, words) =>
        words is ["/usr/lib/pier/pierd", "--state", ..]
        && File.ReadAllText($"/proc/{pid}/mountinfo").Contains(Path.GetFileName(Path.GetDirectoryName(scene.Lib)!), StringComparison.Ordinal));
}
