using Pier.InteropTests.Fetch;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Network;

namespace Pier.InteropTests.Programs;

/// <summary>What <c>pier</c> prints, word for word, leads other people's clients to the node that printed it, and gives them the identical file.</summary>
public sealed class PrintedLinksTests
{
    private const int Size = 5_000_001;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("libtorrent", false)]
    [InlineData("libtorrent", true, Traits = ["Run", "full"])]
    [InlineData("aria2", true)]
    [InlineData("transmission", true)]
    [InlineData("rtorrent", true)]
    public async Task The_magnet_of_a_blob(string client, bool v1)
    {
        await using var registry = await SmallRegistry.StartAsync(Token);
        var (digest, bytes) = registry.Publish("library/app", "1", Size)[0];
        await using var pier = await PierProgram.StartAsync(Token, Upstream(registry));
        await using var home = TempFolder.Create("links");
        (await pier.RunAsync(Token, "pull", "app:1")).OrThrow();
        await pier.SeedsAsync(digest.Hex, Token);

        var printed = await pier.LinesAsync(Token, ["blobs", "--magnets", .. v1 ? (string[])["--v1"] : []]);
        var magnet = printed.Single(line => line.Contains(digest.Hex, StringComparison.Ordinal));

        magnet.ShouldContain($"tr={Uri.EscapeDataString(pier.AnnounceUrl)}");
        (await OtherClient.GetAsync(client, magnet, home, digest.Hex)).AsSpan().SequenceEqual(bytes).ShouldBeTrue();
    }

    [Theory]
    [InlineData("libtorrent", "hybrid")]
    [InlineData("libtorrent", "v2", Traits = ["Run", "full"])]
    [InlineData("aria2", "hybrid")]
    [InlineData("transmission", "hybrid", Traits = ["Run", "full"])]
    public async Task The_magnet_of_a_seed(string client, string format)
    {
        await using var pier = await PierProgram.StartAsync(Token);
        await using var home = TempFolder.Create("links");
        var bytes = await WriteAsync(home);

        var magnets = (await pier.LinesAsync(Token, "seed", home.Below("data.bin"), "--format", format, "--torrent", "-"))
            .Where(line => line.StartsWith("magnet:", StringComparison.Ordinal)).ToArray();

        // The first link is for clients that know hybrids, the second for the others.
        (await OtherClient.GetAsync(client, client == "libtorrent" ? magnets[0] : magnets[1], home, "data.bin")).AsSpan().SequenceEqual(bytes).ShouldBeTrue();
    }

    [Theory]
    [InlineData("libtorrent", "hybrid", Traits = ["Run", "full"])]
    [InlineData("aria2", "v1", Traits = ["Run", "full"])]
    [InlineData("transmission", "v1")]
    [InlineData("rtorrent", "hybrid")]
    public async Task The_torrent_file_of_a_seed(string client, string format)
    {
        await using var pier = await PierProgram.StartAsync(Token);
        await using var home = TempFolder.Create("links");
        var bytes = await WriteAsync(home);
        var torrent = home.Below("data.torrent");

        await pier.LinesAsync(Token, "seed", home.Below("data.bin"), "--format", format, "--torrent", torrent);

        (await OtherClient.GetAsync(client, torrent, home, "data.bin")).AsSpan().SequenceEqual(bytes).ShouldBeTrue();
    }

    [Theory]
    [InlineData("libtorrent")]
    [InlineData("aria2")]
    [InlineData("transmission")]
    public async Task The_magnet_of_a_seed_on_another_host_by_the_tracker_on_the_peers_port(string client)
    {
        await using var network = await TestNetwork.CreateAsync(Token);
        var plan = new PierNodePlan { DockerHub = new Uri("http://127.0.0.1:9/"), Flags = ["--peers", $"0.0.0.0:{PierNode.PeersPort}"] };
        await using var node = await PierNode.StartAsync(await network.AddHostAsync("seed", Token), plan, Token);
        var other = await network.AddHostAsync("other", Token);
        await using var home = TempFolder.Create("links");
        var bytes = await WriteAsync(home);

        var printed = (await node.PierAsync(["seed", home.Below("data.bin"), "--torrent", "-"], Token)).OrThrow().Output.Split('\n');
        var magnets = printed.Where(line => line.StartsWith("magnet:", StringComparison.Ordinal)).ToArray();

        magnets.ShouldAllBe(magnet => magnet.Contains($"tr={Uri.EscapeDataString($"udp://{node.Host.Address}:{PierNode.PeersPort}/announce")}", StringComparison.Ordinal));
        (await OtherClient.GetAsync(client, client == "libtorrent" ? magnets[0] : magnets[1], home, "data.bin", other)).AsSpan().SequenceEqual(bytes).ShouldBeTrue();
    }

    internal static Dictionary<string, object> Upstream(SmallRegistry registry) => new(StringComparer.Ordinal)
    {
        ["upstreams"] = new Dictionary<string, object>(StringComparer.Ordinal) { ["docker.io"] = new { endpoints = new[] { $"http://{registry.Name}" } } },
    };

    private static async Task<byte[]> WriteAsync(TempFolder home)
    {
        var bytes = new byte[Size];
        new Random(Size).NextBytes(bytes);
        await File.WriteAllBytesAsync(home.Below("data.bin"), bytes, Token);
        return bytes;
    }
}
