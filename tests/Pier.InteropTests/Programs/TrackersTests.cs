using System.Net;
using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.InteropTests.Engine;
using Pier.InteropTests.Fetch;
using Pier.InteropTests.Trackers;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Programs;

/// <summary>A real <c>pierd</c> announces to a real opentracker, and other people's clients announce to its own tracker.</summary>
public sealed class TrackersTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http")]
    [InlineData("udp")]
    public async Task What_pier_seeds_is_announced_under_each_of_its_names_until_it_is_stopped(string protocol)
    {
        await using var home = TempFolder.Create("announced");
        await WriteAsync(home);
        var metainfo = await TorrentBuilder.CreateAsync(home.Below("data.bin"), new TorrentCreationOptions(), progress: null, Token);
        InfoHash[] names = [.. metainfo.Id.WireHashes, .. V1Twin.Of(metainfo)!.Id.WireHashes];
        await using var tracker = await Opentracker.StartAsync(names, Token);
        await using var pier = await PierProgram.StartAsync(Token);

        await pier.LinesAsync(Token, "seed", home.Below("data.bin"), "--tracker", protocol == "http" ? tracker.Http : tracker.Udp, "--torrent", "-");

        names.Distinct().Count().ShouldBe(3);
        foreach (var name in names)
        {
            await tracker.CountsSeedsAsync(name, 1, Token);
        }
        await pier.LinesAsync(Token, "seed", "--stop", metainfo.Id.Primary.ToString());
        foreach (var name in names)
        {
            await tracker.CountsSeedsAsync(name, 0, Token);
        }
    }

    [Fact]
    public async Task A_public_blob_is_announced_where_the_configuration_says_and_under_one_name()
    {
        await using var registry = await SmallRegistry.StartAsync(Token);
        var (digest, bytes) = registry.Publish("library/app", "1", 1_000_001)[0];
        using var hasher = new BlobTorrentHasher(bytes.Length);
        hasher.Append(bytes);
        var metainfo = hasher.Complete(digest.Hex);
        var announced = RendezvousId.Compute([], digest.Hex);
        await using var tracker = await Opentracker.StartAsync([.. metainfo.Id.WireHashes, announced], Token);
        await using var pier = await PierProgram.StartAsync(
            Token, new(PrintedLinksTests.Upstream(registry), StringComparer.Ordinal) { ["announce"] = "public", ["trackers"] = new[] { tracker.Http } });

        (await pier.RunAsync(Token, "pull", "app:1")).OrThrow();

        await tracker.CountsSeedsAsync(announced, 1, Token);
        foreach (var name in metainfo.Id.WireHashes)
        {
            await tracker.CountsSeedsAsync(name, 0, Token);
        }
    }

    [Theory]
    [InlineData("libtorrent", Traits = ["Run", "full"])]
    [InlineData("aria2", Traits = ["Run", "full"])]
    [InlineData("transmission")]
    [InlineData("rtorrent")]
    public async Task Seeds_that_announce_to_pierd_are_told_of_beside_it(string client)
    {
        await using var home = TempFolder.Create("announces");
        await WriteAsync(home);
        await using var pier = await PierProgram.StartAsync(Token);
        await pier.LinesAsync(Token, "seed", home.Below("data.bin"), "--format", "v1", "--torrent", home.Below("data.torrent"));
        var metainfo = Metainfo.Parse(await File.ReadAllBytesAsync(home.Below("data.torrent"), Token));
        var port = FreePort.Next(alsoUdp: true);
        metainfo.Envelope.TrackerTiers.ShouldBe([[pier.AnnounceUrl]]);

        await using var seed = await OtherClient.SeedAsync(client, home.Below("data.torrent"), home.Path, home, port);

        using var trackers = new TrackerClient(TimeProvider.System);
        IPEndPoint[] both = [new(IPAddress.Loopback, pier.PeersPort), new(IPAddress.Loopback, port)];
        await Eventually.TrueAsync(
            async () => !both.Except((await AskAsync(trackers, pier, metainfo)).Peers).Any(), $"pierd to tell of itself and {client}", PierPeer.Deadline, Token);
    }

    [Theory]
    [InlineData("libtorrent")]
    [InlineData("aria2")]
    [InlineData("transmission", Traits = ["Run", "full"])]
    [InlineData("rtorrent")]
    public async Task A_download_of_pierd_hears_of_a_seed_that_announces_to_it_and_unknown_torrents_are_refused(string client)
    {
        await using var home = TempFolder.Create("announces");
        var bytes = await WriteAsync(home);
        await using var pier = await PierProgram.StartAsync(Token);
        var options = new TorrentCreationOptions { Format = TorrentFormat.V1, Envelope = new MetainfoEnvelope { TrackerTiers = [[pier.AnnounceUrl]] } };
        var metainfo = await TorrentBuilder.CreateAsync(home.Below("data.bin"), options, progress: null, Token);
        await File.WriteAllBytesAsync(home.Below("data.torrent"), metainfo.ToTorrentFile(), Token);
        using var trackers = new TrackerClient(TimeProvider.System);
        (await Should.ThrowAsync<TrackerException>(() => AskAsync(trackers, pier, metainfo))).IsRefusal.ShouldBeTrue();

        var getting = pier.RunAsync(Token, "get", home.Below("data.torrent"), home.Below("got.bin"));
        await Eventually.TrueAsync(
            async () => (await pier.LinesAsync(Token, "status", "--json"))[0].Contains(metainfo.Id.Primary.ToString(), StringComparison.Ordinal),
            "the download to begin", PierPeer.Deadline, Token);
        await using var seed = await OtherClient.SeedAsync(client, home.Below("data.torrent"), home.Path, home, FreePort.Next(alsoUdp: true));

        (await getting).OrThrow();
        (await File.ReadAllBytesAsync(home.Below("got.bin"), Token)).AsSpan().SequenceEqual(bytes).ShouldBeTrue();
        await Should.ThrowAsync<TrackerException>(() => AskAsync(trackers, pier, metainfo));
    }

    private static Task<AnnounceAnswer> AskAsync(TrackerClient trackers, PierProgram pier, Metainfo metainfo) => trackers.Open(pier.AnnounceUrl).AnnounceAsync(
        new AnnounceRequest
        {
            InfoHash = metainfo.Id.Primary,
            PeerId = PeerId.Create(),
            Port = 9,
            Stats = new AnnounceStats(0, 0, metainfo.TotalLength, PeersWanted: 50),
        },
        Token);

    private static async Task<byte[]> WriteAsync(TempFolder home)
    {
        var bytes = new byte[1_000_001];
        new Random(3).NextBytes(bytes);
        await File.WriteAllBytesAsync(home.Below("data.bin"), bytes, Token);
        return bytes;
    }
}
