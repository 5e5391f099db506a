using Pier.TestKit.Engines;

namespace Pier.EndToEndTests.Volumes;

/// <summary><c>docker plugin upgrade</c> of the managed plugin, from a real registry: settings, volumes and what has arrived stay.</summary>
[Trait("Run", "full")]
public sealed class PluginUpgradeTests
{
    private const string Plugin = "pier/volume";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Volumes_outlive_an_upgrade_from_a_registry()
    {
        await using var scene = await PluginScene.StartAsync(Cancel);
        var image = scene.Cluster.Images.Debian.Name;
        await using var registry = await UpstreamRegistry.StartAsync(
            await scene.Cluster.Network.AddHostAsync("registry", Cancel), scene.MakeFolder("registry"), writable: true, Cancel);
        var remote = registry.Address.Authority + "/pier/volume:1";
        var host = await scene.Cluster.Network.AddHostAsync("plugin", Cancel);
        var configuration = Path.Combine(scene.MakeFolder("engine"), "daemon.json");
        await File.WriteAllTextAsync(
            configuration, $$"""{"registry-mirrors": ["{{PierNode.Mirror}}"], "insecure-registries": ["{{registry.Address.Authority}}"]}""", Cancel);
        await using var docker = await DockerEngine.StartAsync(host, new DockerPlan { Configuration = configuration, OwnPlugins = true }, Cancel);

        await PublishAsync();
        await DockerAsync(["plugin", "install", "--alias", Plugin, "--grant-all-permissions", "--disable", remote]);
        await DockerAsync(["plugin", "set", Plugin, .. scene.SettingsOn(host)]);
        await DockerAsync("plugin", "enable", "--timeout", "90", Plugin);
        await docker.PullAsync(image, Cancel);
        await DockerAsync("volume", "create", "-d", Plugin, "-o", "source=" + scene.Magnet, "data");
        await DockerAsync("volume", "create", "-d", Plugin, "-o", "source=" + scene.Magnet, "-o", "writable=true", "work");
        (await InContainerAsync("data", "sha256sum /data/data")).Split(' ')[0].ShouldBe(scene.Sum);
        await InContainerAsync("work", "echo kept > /data/note");
        var before = await RootfsAsync();

        // The next version, under the same name.
        await File.WriteAllTextAsync(Path.Combine(scene.Made, "rootfs", "etc", "version"), "next", Cancel);
        await PublishAsync();
        (await docker.DockerAsync(["plugin", "upgrade", "--grant-all-permissions", Plugin], Cancel)).ExitCode.ShouldNotBe(0, "it is enabled");
        await DockerAsync("plugin", "disable", "-f", Plugin);
        await DockerAsync("plugin", "upgrade", "--grant-all-permissions", Plugin);
        // Docker 20.10 forgets where mounts come from, and keeps the flags.
        await DockerAsync(["plugin", "set", Plugin, .. scene.SettingsOn(host)]);
        await DockerAsync("plugin", "enable", "--timeout", "90", Plugin);

        (await RootfsAsync()).ShouldNotBe(before);
        (await DockerAsync("volume", "ls", "-q")).ShouldBe("data\nwork");
        await scene.Cluster.Nodes[0].KillAsync(Cancel);
        (await InContainerAsync("data", "sha256sum /data/data")).Split(' ')[0].ShouldBe(scene.Sum, "it is here: the seed is gone");
        (await InContainerAsync("work", "cat /data/note")).ShouldBe("kept");
        await DockerAsync("volume", "rm", "data", "work");
        await DockerAsync("plugin", "disable", "-f", Plugin);

        async Task<string> DockerAsync(params string[] arguments) => (await docker.DockerAsync(arguments, Cancel)).OrThrow().Output.Trim();

        async Task PublishAsync()
        {
            await DockerAsync("plugin", "create", remote, scene.Made);
            await DockerAsync("plugin", "push", remote);
            await DockerAsync("plugin", "rm", remote);
        }

        async Task<string> RootfsAsync() => await DockerAsync("plugin", "inspect", "--format", "{{json .Config.Rootfs}}", Plugin);

        async Task<string> InContainerAsync(string volume, string script) =>
            await DockerAsync("run", "--rm", "--network", "none", "-v", volume + ":/data", image, "sh", "-c", script);
    }
}
