using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pier.Content;
using Pier.Content.Labels;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Builds;

/// <summary>
/// Images that tell in labels what their PIER lines brought: a node beside the engine, which has none of it, reads it in the
/// running containers, and another machine's libtorrent gets it from that node alone.
/// </summary>
public abstract class LabelledImageSuite(BuildSetting setting) : BuildSuite(setting)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly List<string> _containers = [];
    private PierNode _node = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var host = await Setting.Cluster.Network.AddHostAsync("beside", Cancel);
        _node = await PierNode.StartAsync(
            host,
            new PierNodePlan { DockerHub = Setting.Cluster.Upstream.Address, Containers = Setting.Docker.SocketPath, Flags = ["--peers", $"{host.Address}:{PierNode.PeersPort}"] },
            Cancel);
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var container in _containers)
        {
            await Setting.Docker.DockerAsync(["rm", "--force", container], CancellationToken.None);
        }

        await _node.DisposeAsync();
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
    }

    [Fact]
    public async Task What_an_image_brings_is_seeded_while_containers_of_it_run()
    {
        var debian = await DebianAsync();
        Setting.Web["/labelled.bin"] = RandomNumberGenerator.GetBytes(700_000);
        Setting.Web["/kept.bin"] = RandomNumberGenerator.GetBytes(10_000);
        (await Setting.BuildAsync(
            $"""
            FROM {debian}
            PIER {Setting.FileMagnet} /data/
            PIER {Setting.FolderMagnet} /tree
            PIER {Setting.At("/labelled.bin")} /web.bin
            PIER --serve=false {Setting.At("/kept.bin")} /kept.bin
            ENTRYPOINT ["sleep", "1000"]
            """,
            ["--tag", "labelled"],
            Cancel)).OrThrow();
        var labels = await LabelsAsync("labelled");
        labels.Select(label => label.Path).ShouldBe(["/data/file.bin", "/tree", "/web.bin"], ignoreOrder: true);

        // What a web server of a private network gave is not everybody's, until somebody says so.
        var web = labels.Single(label => label.Path == "/web.bin");
        var told = web with { Sources = ["https://example.org/labelled.bin"] };
        var first = await RunAsync("labelled");
        await RefusedAsync("/web.bin");
        (await Setting.Docker.DockerAsync(["rm", "--force", first], Cancel)).OrThrow();
        first = await RunAsync("labelled", told);
        var second = await RunAsync("labelled", told);
        foreach (var label in labels)
        {
            await ServedAsync(label, "container ");
        }

        await ServedAsync(labels[0], first[..12]);
        await ServedAsync(labels[0], second[..12]);
        (await GetAsync(labels.Single(label => label.Path == "/data/file.bin"), "file")).ShouldBe(Setting.FileContent);
        Directory.EnumerateFiles(await FetchAsync(labels.Single(label => label.IsTree), "tree"), "*", SearchOption.AllDirectories).Select(Path.GetFileName)
            .ShouldBe(["big", "prog", "text"], ignoreOrder: true);

        // The node starts anew while they run; then one of them ends, and the other.
        await _node.KillAsync(Cancel);
        await _node.RestartAsync(Cancel);
        await ServedAsync(labels[0], second[..12]);
        (await Setting.Docker.DockerAsync(["rm", "--force", first], Cancel)).OrThrow();
        await Eventually.TrueAsync(async () => !(await _node.PierAsync(["swarm", "ls"], Cancel)).Output.Contains(first[..12], StringComparison.Ordinal), "the first is not named any more", Deadline, Cancel);
        await ServedAsync(web, second[..12]);
        (await GetAsync(web, "web")).ShouldBe(Setting.Web["/labelled.bin"]);
        (await Setting.Docker.DockerAsync(["kill", second], Cancel)).OrThrow();
        await NothingServedAsync();

        // The same container once more.
        (await Setting.Docker.DockerAsync(["start", second], Cancel)).OrThrow();
        await ServedAsync(labels[0], second[..12]);
    }

    [Fact]
    public async Task Labels_that_lie_or_lead_out_of_the_container_are_refused()
    {
        var debian = await DebianAsync();
        var secrets = Setting.Folder.MakeFolder("secrets");
        var secret = RandomNumberGenerator.GetBytes(50_000);
        await File.WriteAllBytesAsync(Path.Combine(secrets, "secret"), secret, Cancel);
        var digest = Digest.Compute(secret);
        DataLabel Label(string path, Digest named) => new(path, named, IsTree: false, ["https://example.org/secret"]);
        DataLabel[] labels =
        [
            Label("/etc/passwd", Digest.Compute("another"u8)),
            Label("/link", digest),
            Label("/up/../../../.." + secrets + "/secret", digest),
            Label("/volume/secret", digest),
            Label("/etc", digest),
            Label("/stolen", Digest.Compute("the host's"u8)),
        ];
        string[] arguments =
        [
            "create", "--network", "none", "--volume", $"{secrets}:/volume", "--label", $"{DataLabel.Marker}=1", "--label", $"{DataLabel.Marker}.0000000000000000=nonsense",
            .. labels.Select((label, number) => ("--label", $"{DataLabel.Marker}.{number + 1:x16}={DataLabelText.Write(label)}")).SelectMany(pair => new[] { pair.Item1, pair.Item2 }),
            debian, "sleep", "1000",
        ];
        // Links are there before the container runs, as if its image had brought them.
        var links = Setting.Folder.MakeFolder("links");
        File.CreateSymbolicLink(Path.Combine(links, "link"), Path.Combine(secrets, "secret"));
        // Of this path the host and the container have a file each.
        var twice = Path.Combine(secrets, "twice");
        await File.WriteAllTextAsync(twice, "the host's", Cancel);
        await File.WriteAllTextAsync(Path.Combine(Setting.Folder.MakeFolder("links", secrets.TrimStart('/')), "twice"), "the container's", Cancel);
        File.CreateSymbolicLink(Path.Combine(links, "stolen"), twice);
        File.CreateSymbolicLink(Path.Combine(links, "up"), "/");

        var container = (await Setting.Docker.DockerAsync(arguments, Cancel)).OrThrow().Output.Trim();
        _containers.Add(container);
        (await Setting.Docker.DockerAsync(["cp", links + "/.", container + ":/"], Cancel)).OrThrow();
        (await Setting.Docker.DockerAsync(["start", container], Cancel)).OrThrow();

        await RefusedAsync($"{DataLabel.Marker}.0000000000000000");
        await RefusedAsync("/etc/passwd");
        await RefusedAsync("/link");
        await RefusedAsync(labels[2].Path);
        await RefusedAsync("/volume/secret");
        await RefusedAsync("/etc");
        await RefusedAsync("/stolen");
        _node.Log.Tail(4000).ShouldContain("lies in a volume or another mount");
        _node.Log.Tail(4000).ShouldContain("no plain file");
        await NothingServedAsync();
    }

    private async Task<IReadOnlyList<DataLabel>> LabelsAsync(string image)
    {
        var text = (await Setting.Docker.DockerAsync(["image", "inspect", "--format", "{{json .Config.Labels}}", image], Cancel)).OrThrow().Output;
        var labels = JsonSerializer.Deserialize<Dictionary<string, string>>(text)!;
        labels[DataLabel.Marker].ShouldBe("1");
        return [.. labels.Where(label => DataLabelText.IsName(label.Key)).Select(label => DataLabelText.Read(label.Value)).OrderBy(label => label.Path, StringComparer.Ordinal)];
    }

    private async Task<string> RunAsync(string image, params DataLabel[] labels)
    {
        string[] more = [.. labels.Select(label => $"--label={DataLabelText.NameOf(SHA256.HashData(Encoding.UTF8.GetBytes(label.Path)))}={DataLabelText.Write(label)}")];
        var container = (await Setting.Docker.DockerAsync(["run", "--detach", "--network", "none", .. more, image], Cancel)).OrThrow().Output.Trim();
        _containers.Add(container);
        return container;
    }

    private Task ServedAsync(DataLabel label, string container) => Eventually.TrueAsync(
        async () => await RowOfAsync(label) is { } row && row.Contains(container, StringComparison.Ordinal),
        $"{label.Path} to be served on behalf of {container}\n{_node.Log.Tail(4000)}", Deadline, Cancel);

    private async Task<string?> RowOfAsync(DataLabel label)
    {
        // Content that came by no torrent is served as its blob's, which bears the digest's name.
        var name = label.InfoHashes is [var hash, ..] ? hash[..12] : label.Digest.Hex;
        return (await _node.PierAsync(["swarm", "ls"], Cancel)).Output.Split('\n').FirstOrDefault(row => row.Contains(name, StringComparison.Ordinal));
    }

    private Task NothingServedAsync() => Eventually.TrueAsync(
        async () => (await _node.StatusAsync(Cancel)).Swarms.Count == 0, "nothing to be served", Deadline, Cancel);

    private Task RefusedAsync(string what) => Eventually.TrueAsync(
        () => _node.Log.Tail(4000).Split('\n').Any(line => line.Contains($" {what} of container", StringComparison.Ordinal) && line.Contains("is not served", StringComparison.Ordinal)),
        $"{what} to be refused", Deadline, Cancel);

    private async Task<byte[]> GetAsync(DataLabel label, string name) =>
        await File.ReadAllBytesAsync(Directory.EnumerateFiles(await FetchAsync(label, name)).ShouldHaveSingleItem(), Cancel);

    /// <summary>Has libtorrent on another machine fetch what a label names, knowing nobody but the node.</summary>
    private async Task<string> FetchAsync(DataLabel label, string name)
    {
        var magnet = label.InfoHashes is [{ Length: 40 } v1, ..] ? $"magnet:?xt=urn:btih:{v1}" : $"magnet:?xt=urn:btih:{await HashOfAsync(label)}";
        return await SwarmFetch.RunAsync(Setting, magnet, new IPEndPoint(_node.Host.Address, PierNode.PeersPort), "labelled-" + name, Deadline, Cancel);
    }

    private async Task<string> HashOfAsync(DataLabel label) =>
        (await _node.StatusAsync(Cancel)).Swarms.Single(swarm => swarm.Name == label.Digest.Hex).InfoHash;
}

/// <summary>By Docker 20.10.</summary>
[Collection(BuildTests.Name)]
public sealed class LabelledImageTests(BuildSetting setting) : LabelledImageSuite(setting);

/// <summary>By Docker 28, classic store.</summary>
[Collection(ClassicBuildTests.Name)]
[Trait("Run", "full")]
public sealed class LabelledImageOnClassicTests(ClassicBuildSetting setting) : LabelledImageSuite(setting);

/// <summary>By Docker 28, containerd's store.</summary>
[Collection(ContainerdBuildTests.Name)]
[Trait("Run", "full")]
public sealed class LabelledImageOnContainerdTests(ContainerdBuildSetting setting) : LabelledImageSuite(setting);
