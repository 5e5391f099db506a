using System.Globalization;
using System.Text.Json;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Images;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Installing;

/// <summary>
/// <c>pier install</c> and <c>pier uninstall</c> on the real files of real engines, with a pull in between through names of public
/// registries: the hosts reach nothing but Pier and, behind it, an upstream that stands for all of them.
/// </summary>
public sealed class EngineInstallTests
{
    private static readonly string[] Registries = ["docker.io", "ghcr.io", "quay.io"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Docker_takes_up_its_mirror_without_a_restart_and_gives_its_file_back()
    {
        await using var scene = await Scene.StartAsync();
        const string original = "{\n    \"log-level\" : \"info\",\n    \"registry-mirrors\": [\"http://192.0.2.9:5000\"]\n}";
        var file = await scene.WriteAsync("etc/docker/daemon.json", original);
        await using var docker = await DockerEngine.StartOnAsync(scene.Node.Host, file, Cancel);
        await scene.WriteAsync("run/docker.pid", docker.ProcessId.ToString(CultureInfo.InvariantCulture));

        (await scene.DoctorAsync(docker)).ShouldSatisfyAllConditions(
            found => found.ExitCode.ShouldBe(1), found => found.Output.ShouldContain("has not been told of Pier"));
        (await scene.PierAsync("install", "docker", "--dry-run")).Output.ShouldContain("+    \"registry-mirrors\": [\"http://127.0.0.1:5055\"");
        (await File.ReadAllTextAsync(file, Cancel)).ShouldBe(original);

        (await scene.PierAsync("install", "docker")).Error.ShouldContain("containers go on");
        await Eventually.TrueAsync(
            async () => (await docker.MirrorsAsync(Cancel)).StartsWith("[\"http://127.0.0.1:5055/\"", StringComparison.Ordinal), "dockerd to read its file anew", TimeSpan.FromSeconds(30), Cancel);
        (await scene.DoctorAsync(docker)).ShouldSatisfyAllConditions(
            found => found.ExitCode.ShouldBe(0, found.Output), found => found.Output.ShouldContain("asks Pier first"));
        await docker.PullAsync(scene.Image.Name, Cancel);
        (await docker.ImageIdAsync(scene.Image.Name, Cancel)).ShouldBe(scene.Image.ImageId);

        await scene.PierAsync("uninstall", "docker");
        (await File.ReadAllTextAsync(file, Cancel)).ShouldBe(original);
        await Eventually.TrueAsync(
            async () => !(await docker.MirrorsAsync(Cancel)).Contains("5055", StringComparison.Ordinal), "dockerd to forget the mirror", TimeSpan.FromSeconds(30), Cancel);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false, Traits = ["Run", "full"])]
    public async Task Docker_28_finds_everything_it_needs_and_an_edit_in_between_stays(bool containerdStore)
    {
        await using var scene = await Scene.StartAsync();
        var original = $$"""
            {
              "features": { "containerd-snapshotter": {{(containerdStore ? "true" : "false")}} },
              "labels": ["of=ours"],
              "log-level": "info"
            }
            """;
        // As tools that keep configurations in one place leave it.
        var real = await scene.WriteAsync("srv/daemon.json", original);
        scene.MakeFolder("etc/docker");
        var file = scene.Below("etc/docker/daemon.json");
        File.CreateSymbolicLink(file, "../../srv/daemon.json");
        await using var docker = await DockerEngine.StartAsync(
            scene.Node.Host, new DockerPlan { Programs = EnginePrograms.Newer, Configuration = file, Settings = scene.Below("etc/docker") }, Cancel);
        await scene.WriteAsync("run/docker.pid", docker.ProcessId.ToString(CultureInfo.InvariantCulture));

        (await scene.PierAsync("install", "docker")).Error.ShouldContain("containers go on");
        (await scene.PierAsync("install", "docker", "--docker-socket", docker.SocketPath, "--frontend", (await FrontendImage.MakeAsync(Cancel)).Program)).Error.ShouldSatisfyAllConditions(
            said => said.ShouldContain("nothing to change"), said => said.ShouldContain("# syntax=pier/frontend"));
        await Eventually.TrueAsync(
            async () => (await docker.MirrorsAsync(Cancel)).Contains("5055", StringComparison.Ordinal), "dockerd to read its file anew", TimeSpan.FromSeconds(30), Cancel);
        foreach (var registry in containerdStore ? Registries : ["docker.io"])
        {
            var name = $"{registry}/{scene.Image.Repository}:{scene.Image.Tag}";
            await docker.PullAsync(name, Cancel);
            (await docker.ImageIdAsync(name, Cancel)).ShouldBe(containerdStore ? scene.Image.ManifestDigest : scene.Image.ImageId, registry);
        }

        await scene.BuildsAsync(docker);
        await File.WriteAllTextAsync(real, (await File.ReadAllTextAsync(real, Cancel)).Replace("\"info\"", "\"warn\"", StringComparison.Ordinal), Cancel);
        (await scene.PierAsync("uninstall", "docker")).Error.ShouldSatisfyAllConditions(
            said => said.ShouldContain("edits stay"), said => said.ShouldContain($"{FrontendImage.Name} is no longer in the engine"));
        (await docker.DockerAsync(["images", "--quiet", FrontendImage.Name], Cancel)).OrThrow().Output.Trim().ShouldBeEmpty();
        (await File.ReadAllTextAsync(real, Cancel)).ShouldBe(original.Replace("\"info\"", "\"warn\"", StringComparison.Ordinal));
        new FileInfo(file).LinkTarget.ShouldBe("../../srv/daemon.json");
        Directory.Exists(scene.Below("etc/docker/certs.d")).ShouldBeFalse();
    }

    [Fact]
    public async Task Containerd_pulls_any_registry_through_its_default_folder()
    {
        await using var scene = await Scene.StartAsync();
        var original = (await Command.RunAsync("/usr/bin/containerd", ["config", "default"], Cancel)).OrThrow().Output;
        var file = await scene.WriteAsync("etc/containerd/config.toml", original);
        await using var containerd = await ContainerdEngine.StartAsync(scene.Node.Host, "nowhere.invalid", PierNode.Mirror, Cancel);

        await scene.PierAsync("install", "containerd");
        (await Command.RunAsync("/usr/bin/containerd", ["--config", file, "config", "dump"], Cancel)).OrThrow().Output
            .ShouldContain("config_path = \"/etc/containerd/certs.d\"", customMessage: "containerd itself reads what was written");
        foreach (var registry in Registries)
        {
            var name = $"{registry}/{scene.Image.Repository}:{scene.Image.Tag}";
            (await containerd.CtrAsync(["images", "pull", "--hosts-dir", scene.Below("etc/containerd/certs.d"), name], Cancel)).OrThrow();
            (await containerd.ManifestDigestAsync(name, Cancel)).ShouldBe(scene.Image.ManifestDigest);
        }

        await scene.PierAsync("uninstall", "containerd");
        (await File.ReadAllTextAsync(file, Cancel)).ShouldBe(original);
        Directory.Exists(scene.Below("etc/containerd/certs.d")).ShouldBeFalse();
    }

    [Fact]
    public async Task Podman_pulls_through_a_file_in_registries_conf_d()
    {
        await using var scene = await Scene.StartAsync();
        (await Command.RunAsync("cp", ["-a", "/etc/containers", scene.MakeFolder("etc")], Cancel)).OrThrow();
        var before = Names(scene.Below("etc"));

        await scene.PierAsync("install", "podman");
        // A view of the file system in which the test's files are the host's.
        var pull = string.Join(' ', "mount --bind \"$1\" /etc/containers; exec", RequiredTool.Path("podman", "apt-get install podman"),
            "--root \"$2\" --runroot \"$3\" --storage-driver vfs --cgroup-manager cgroupfs pull --quiet \"$4\"");
        foreach (var registry in Registries)
        {
            var name = $"{registry}/{scene.Image.Repository}:{scene.Image.Tag}";
            (await scene.Node.Host.Namespace.RunAsync(
                "unshare", ["--mount", "sh", "-ec", pull, "sh", scene.Below("etc/containers"), scene.MakeFolder("podman"), scene.MakeFolder("podman-run"), name], Cancel))
                .OrThrow().Output.Trim().ShouldBe(scene.Image.ImageId["sha256:".Length..]);
        }

        await scene.PierAsync("uninstall", "podman");
        Names(scene.Below("etc")).ShouldBe(before);
    }

    private static string[] Names(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    /// <summary>A node before an upstream that stands for three registries, and a folder that stands for a host's files.</summary>
    private sealed class Scene(TestNetwork network, UpstreamRegistry upstream, PierNode node, TestImage image, TempFolder root) : IAsyncDisposable
    {
        public PierNode Node { get; } = node;

        public TestImage Image { get; } = image;

        public static async Task<Scene> StartAsync()
        {
            var root = TempFolder.Create("root");
            var network = await TestNetwork.CreateAsync(Cancel);
            try
            {
                var host = await network.AddHostAsync("upstream", Cancel);
                var upstream = await UpstreamRegistry.StartAsync(host, root.MakeFolder("registry"), writable: true, Cancel);
                using var client = host.Namespace.CreateHttpClient();
                var image = await SmallImage.PublishAsync(new ImagePublisher(client, upstream.Address), "library/small", seed: 1, Cancel);
                var node = await PierNode.StartAsync(
                    await network.AddHostAsync("one", Cancel), new PierNodePlan { DockerHub = upstream.Address, AlsoThere = ["ghcr.io", "quay.io"] }, Cancel);
                return new Scene(network, upstream, node, image, root);
            }
            catch
            {
                await network.DisposeAsync();
                await root.DisposeAsync();
                throw;
            }
        }

        public string Below(string path) => root.Below(path);

        public string MakeFolder(string path) => root.MakeFolder(path);

        public async Task<string> WriteAsync(string path, string text)
        {
            root.MakeFolder(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(root.Below(path), text, Cancel);
            return root.Below(path);
        }

        public async Task<CommandResult> PierAsync(params string[] words) => (await Node.PierAsync([.. words, "--root", root.Path], Cancel)).OrThrow();

        /// <summary>Builds an image that serves, with the frontend that the engine was given and the pierdat in its image; nothing could be pulled by that name.</summary>
        public async Task BuildsAsync(DockerEngine docker)
        {
            var seed = await WriteAsync("seed/data", "data");
            using var seeded = JsonDocument.Parse((await Node.PierAsync(["seed", seed, "--json"], Cancel)).OrThrow().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
            await File.WriteAllTextAsync(
                Path.Combine(MakeFolder("context"), "Dockerfile"),
                $"""
                # syntax={FrontendImage.Name}
                FROM docker.io/{Image.Repository}:{Image.Tag}
                PIER --serve {seeded.RootElement.GetProperty("seed").GetProperty("magnet").GetString()} /data
                """,
                Cancel);
            (await docker.BuildAsync(["--tag", "serves", Below("context")], Cancel)).OrThrow();
            (await docker.DockerAsync(["image", "inspect", "--format", "{{json .Config.Entrypoint}}", "serves"], Cancel)).OrThrow().Output.ShouldContain("/usr/bin/pierdat");
            var container = (await docker.DockerAsync(["create", "serves"], Cancel)).OrThrow().Output.Trim();
            (await docker.DockerAsync(["cp", $"{container}:/usr/bin/pierdat", Below("pierdat")], Cancel)).OrThrow();
            (await Command.RunAsync(Below("pierdat"), ["--version"], Cancel)).OrThrow();
        }

        public Task<CommandResult> DoctorAsync(DockerEngine docker) =>
            Node.PierAsync(["doctor", Image.Name, "--root", root.Path, "--docker-socket", docker.SocketPath], Cancel);

        public async ValueTask DisposeAsync()
        {
            await Node.DisposeAsync();
            await upstream.DisposeAsync();
            await network.DisposeAsync();
            await root.DisposeAsync();
        }
    }
}
