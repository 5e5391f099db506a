using System.Security.Cryptography;
using System.Text.Json;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Images;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.CommandLine;

/// <summary><c>pier</c> as people and scripts use it, against two nodes that know each other.</summary>
public sealed class CommandLineTests
{
    private const int NotFound = 4;
    private const int DaemonUnreachable = 3;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_is_pulled_from_a_peer_listed_pinned_exported_removed_and_imported()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2, Cancel);
        await using var folder = TempFolder.Create("cli");
        var image = cluster.Images.Debian;
        var (first, second) = (cluster.Nodes[0], cluster.Nodes[1]);

        (await JsonAsync(first, "pull", image.Name)).GetProperty("sources").GetProperty("upstream").GetInt64().ShouldBeGreaterThanOrEqualTo(image.TotalBytes - 4096);
        await first.WaitUntilSeededAsync(image, Cancel);
        await cluster.Upstream.CutAsync(CutStyle.Refusing, Cancel);
        var pulled = await JsonAsync(second, "pull", image.Name);
        pulled.GetProperty("sources").GetProperty("upstream").GetInt64().ShouldBe(0);
        pulled.GetProperty("sources").GetProperty("swarm").GetInt64().ShouldBeGreaterThanOrEqualTo(image.Layers.Sum(layer => layer.Size));

        (await TextAsync(second, "images")).ShouldContain(image.Name);
        (await TextAsync(second, "blobs", "--magnets")).ShouldContain("magnet:?xt=urn:btih:");
        (await TextAsync(second, "status")).ShouldContain("swarm", Case.Insensitive);
        await ExpectBreakdownAsync(second, image.Repository, image.Layers[0]);
        (await TextAsync(second, "cluster", "members")).ShouldContain(first.Host.Address.ToString());

        await TextAsync(second, "pin", image.Name);
        (await second.PierAsync(["rm", image.Name], Cancel)).ExitCode.ShouldNotBe(0, "it is pinned");
        await TextAsync(second, "unpin", image.Name);

        var layout = folder.Below("layout");
        await TextAsync(second, "export", image.Name, layout);
        await TextAsync(second, "rm", image.Name);
        (await second.StatusAsync(Cancel)).Storage.Blobs.ShouldBe(0);
        await TextAsync(second, "import", layout);
        (await TextAsync(second, "images", "--json")).ShouldContain(image.ManifestDigest);
        (await Command.RunAsync(
            RequiredTool.Path("skopeo", "apt-get install skopeo"), ["inspect", "--raw", "oci:" + layout], Cancel)).OrThrow().Output.ShouldContain(image.ImageId);
    }

    [Fact]
    public async Task A_folder_seeded_on_one_host_is_had_by_its_magnet_on_another()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2, Cancel);
        await using var folder = TempFolder.Create("cli");
        var source = folder.MakeFolder("data");
        folder.MakeFolder("data", "below");
        await File.WriteAllBytesAsync(folder.Below("data", "big"), RandomNumberGenerator.GetBytes(3_000_000), Cancel);
        await File.WriteAllTextAsync(folder.Below("data", "below", "small"), "small", Cancel);

        var seeding = await JsonAsync(cluster.Nodes[0], "seed", source, "--torrent", folder.Below("data.torrent"));
        var magnet = seeding.GetProperty("seed").GetProperty("magnet").GetString()!;
        await TextAsync(cluster.Nodes[1], "get", magnet, folder.Below("got"));

        (await Command.RunAsync("diff", ["-r", source, folder.Below("got")], Cancel)).OrThrow();
    }

    [Fact]
    public async Task Errors_have_their_exit_codes_and_say_what_to_do()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1, Cancel);
        var node = cluster.Nodes[0];

        var missing = await node.PierAsync(["pull", "no-such-image:1"], Cancel);
        missing.ExitCode.ShouldBe(NotFound, missing.Error);
        missing.Error.ShouldContain("no-such-image");

        await node.KillAsync(Cancel);
        var unreachable = await node.PierAsync(["status"], Cancel);
        unreachable.ExitCode.ShouldBe(DaemonUnreachable, unreachable.Error);
        unreachable.Error.ShouldContain("pier.sock");
    }

    /// <summary>Where a blob came from, and what the cache gave since; a restart forgets neither.</summary>
    private static async Task ExpectBreakdownAsync(PierNode node, string repository, TestLayer layer)
    {
        using (var answer = await node.GetBlobAsync(repository, layer.Digest, Cancel))
        {
            await answer.Content.CopyToAsync(Stream.Null, Cancel);
        }
        await ExpectSourcesAsync(node, layer);
        await node.StopAsync(Eventually.Patience, Cancel);
        await node.RestartAsync(Cancel);
        await ExpectSourcesAsync(node, layer);
    }

    private static async Task ExpectSourcesAsync(PierNode node, TestLayer layer)
    {
        // What the cache gave is counted after its last byte was.
        await Eventually.TrueAsync(
            async () => (await SourcesAsync(node, layer)).GetProperty("cache").GetInt64() > 0, "what the cache gave to be counted", Eventually.Patience, Cancel);
        var sources = await SourcesAsync(node, layer);
        sources.GetProperty("swarm").GetInt64().ShouldBe(layer.Size);
        sources.GetProperty("cache").GetInt64().ShouldBe(layer.Size);
        sources.GetProperty("upstream").GetInt64().ShouldBe(0);
    }

    private static async Task<JsonElement> SourcesAsync(PierNode node, TestLayer layer) => (await JsonAsync(node, "status")).GetProperty("fetches").EnumerateArray()
        .First(fetch => fetch.GetProperty("digest").GetString() == layer.Digest).GetProperty("sources");

    private static async Task<string> TextAsync(PierNode node, params string[] arguments) =>
        (await node.PierAsync(arguments, Cancel)).OrThrow().Output;

    /// <summary>The last line of a command's JSON: the result.</summary>
    private static async Task<JsonElement> JsonAsync(PierNode node, params string[] arguments)
    {
        var lines = (await TextAsync(node, [.. arguments, "--json"])).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return JsonDocument.Parse(lines[^1]).RootElement;
    }
}
