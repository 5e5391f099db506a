using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.InteropTests.Engine;
using Pier.InteropTests.Programs;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Volumes;

/// <summary>Where the bytes of a mount come from: a web server alone, a seed that lies beside one that does not, and whoever the DHT names.</summary>
public sealed class MountedSourcesTests
{
    private const int Size = 6_000_001;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_web_server_alone_is_enough()
    {
        await using var home = TempFolder.Create("mounted");
        var tree = SampleTree.Write(home);
        var torrent = home.Below("tree.torrent");
        await LibtorrentPeer.CreateAsync(tree, torrent, "hybrid", Token);
        await using var nginx = await Nginx.StartAsync(home, home.Path, Token);
        var metainfo = Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)).WithEnvelope(new MetainfoEnvelope { WebSeeds = [nginx.Root] });
        await File.WriteAllBytesAsync(torrent, metainfo.ToTorrentFile(), Token);
        await using var pier = await PierProgram.StartAsync(Token);
        var folder = home.MakeFolder("mnt");

        (await pier.RunAsync(Token, "mount", nginx.Root + "tree.torrent", folder)).OrThrow();

        // First in the middle of a file, as a program that looks for one thing does.
        using (var large = File.OpenHandle(Path.Combine(folder, "large.bin"), options: FileOptions.RandomAccess))
        {
            var part = new byte[4096];
            (await RandomAccess.ReadAsync(large, part, 2_000_000, Token)).ShouldBe(part.Length);
            part.ShouldBe((await File.ReadAllBytesAsync(Path.Combine(tree, "large.bin"), Token))[2_000_000..2_004_096]);
        }

        SampleTree.ShouldBeAt(folder);
        (await pier.RunAsync(Token, "umount", "--force", folder)).OrThrow();
    }

    [Theory]
    [InlineData("hybrid")]
    [InlineData("v1", Traits = ["Run", "full"])]
    public async Task Nobody_reads_what_a_liar_sent(string version)
    {
        await using var home = TempFolder.Create("mounted");
        var content = RandomNumberGenerator.GetBytes(Size);
        await File.WriteAllBytesAsync(home.Below("data.bin"), content, Token);
        await using var good = await SeededTorrent.OfAsync(home, home.Below("data.bin"), "libtorrent", version);
        await good.StopAsync();
        await using var liar = new BitTorrentEngine(new BitTorrentOptions { Listen = new(IPAddress.Loopback, 0) }, TimeProvider.System, PierPeer.Logs);
        await liar.StartAsync(Token);
        await liar.AddAsync(SwarmSpec.For(good.Metainfo, (_, _) => ValueTask.FromResult<ITorrentStorage>(new RottenStorage(content))), Token);
        await using var pier = await PierProgram.StartAsync(Token);
        var folder = home.MakeFolder("mnt");
        var magnet = MagnetLink.To(good.Metainfo) with { Peers = [liar.ListenEndPoint] };
        (await pier.RunAsync(Token, "mount", magnet.ToString(), folder)).OrThrow();

        // Nobody but the liar is there: a read of all of it waits for what is true.
        var reading = Command.RunAsync("sha256sum", [Path.Combine(folder, "data.bin")], Token);
        await Eventually.TrueAsync(async () => await BansAsync(pier, good.Metainfo) == 1, "the liar is banned", Deadline, Token);
        reading.IsCompleted.ShouldBeFalse();
        await good.StartAsync();

        (await reading.WaitAsync(Deadline, TimeProvider.System, Token)).OrThrow().Output.ShouldStartWith(Convert.ToHexStringLower(SHA256.HashData(content)));
        (await BansAsync(pier, good.Metainfo)).ShouldBe(1, "the good one is not");
        (await pier.RunAsync(Token, "umount", "--force", folder)).OrThrow();
    }

    [Fact]
    public async Task A_torrent_of_a_whole_mount_is_found_in_the_DHT()
    {
        await using var node = await PierPeer.StartInDhtAsync(bootstrap: null, Token);
        await using var seeder = await PierPeer.StartInDhtAsync(node.EndPoint.Port, Token);
        var (blob, magnet, _, _) = await seeder.SeedBlobAsync(1_000_001, tracker: null, Token);
        await using var home = TempFolder.Create("mounted");
        await using var pier = await PierProgram.StartAsync(Token, flags: ["--dht", "on", "--dht-bootstrap", $"127.0.0.1:{node.EndPoint.Port}"]);
        await Eventually.TrueAsync(async () => await pier.DhtNodesAsync(Token) > 0, "pierd to know a node", Deadline, Token);
        await Eventually.TrueAsync(() => node.Dht.StoredTorrents > 0, "the seeder to announce", Deadline, Token);
        var folder = home.MakeFolder("mnt");
        (await pier.RunAsync(Token, "mount", "--whole", "-o", "lookup=60", folder)).OrThrow();

        var found = Directory.GetFiles(Path.Combine(folder, magnet.Id.V1!.Value.ToString())).ShouldHaveSingleItem();
        (await File.ReadAllBytesAsync(found, Token)).AsSpan().SequenceEqual(blob).ShouldBeTrue();
        (await pier.RunAsync(Token, "umount", "--force", folder)).OrThrow();
    }

    [Fact]
    [Trait("Run", "full")]
    public async Task Four_KiB_of_four_GiB_leave_less_than_sixteen_MiB_on_disk()
    {
        const long Large = 4L << 30;
        const long Place = 3_000_000_000L & ~4095L;
        await using var home = TempFolder.Create("mounted");
        var part = RandomNumberGenerator.GetBytes(4096);
        using (var file = File.OpenHandle(home.Below("large.bin"), FileMode.CreateNew, FileAccess.ReadWrite))
        {
            RandomAccess.SetLength(file, Large);
            RandomAccess.Write(file, part, Place);
        }

        await using var seed = await PierProgram.StartAsync(Token);
        foreach (var format in new[] { "hybrid", "v1" })
        {
            var magnet = (await seed.LinesAsync(Token, "seed", home.Below("large.bin"), "--format", format, "--torrent", "-"))
                .First(line => line.StartsWith("magnet:", StringComparison.Ordinal));
            await using var pier = await PierProgram.StartAsync(Token);
            var folder = home.MakeFolder("mnt");
            (await pier.RunAsync(Token, "mount", magnet, folder)).OrThrow();
            var before = await UsedAsync(pier);

            var read = new byte[part.Length];
            using (var file = File.OpenHandle(Path.Combine(folder, "large.bin"), options: FileOptions.RandomAccess))
            {
                (await RandomAccess.ReadAsync(file, read, Place, Token)).ShouldBe(read.Length);
            }

            read.ShouldBe(part);
            (await UsedAsync(pier) - before).ShouldBeLessThanOrEqualTo(16 << 20, format);
            (await pier.RunAsync(Token, "umount", "--force", folder)).OrThrow();
        }
    }

    /// <summary>Bytes that the state folder takes on the disk; what is mounted below it not counted.</summary>
    private static async Task<long> UsedAsync(PierProgram pier) =>
        long.Parse((await Command.RunAsync("du", ["-s", "-x", "--block-size=1", pier.StateFolder], Token)).OrThrow().Output.Split('\t')[0], CultureInfo.InvariantCulture);

    private static async Task<int> BansAsync(PierProgram pier, Metainfo metainfo)
    {
        var shown = await pier.RunAsync(Token, "swarm", "show", metainfo.Id.Primary.ToString(), "--json");
        return shown.ExitCode == 0 ? JsonDocument.Parse(shown.Output).RootElement.GetProperty("banCount").GetInt32() : 0;
    }
}
