using System.Net;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.InteropTests.Engine;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Trackers;

/// <summary>Other people's clients announce to Pier's tracker, which tells the next peer where they listen.</summary>
public sealed class PierTrackerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("libtorrent")]
    [InlineData("aria2")]
    [InlineData("transmission")]
    public async Task A_seed_that_announces_is_told_of(string client)
    {
        await using var tracker = await LocalTracker.StartAsync(Cancellation);
        await using var folder = TempFolder.Create("announces");
        await File.WriteAllBytesAsync(folder.Below("data"), new byte[100_000], Cancellation);
        var options = new TorrentCreationOptions
        {
            Format = TorrentFormat.V1,
            Envelope = new MetainfoEnvelope { TrackerTiers = [[tracker.AnnounceUrl]] },
        };
        var metainfo = await TorrentBuilder.CreateAsync(folder.Below("data"), options, progress: null, Cancellation);
        var torrent = folder.Below("data.torrent");
        await File.WriteAllBytesAsync(torrent, metainfo.ToTorrentFile(), Cancellation);

        var port = FreePort.Next();
        await using var seed = await SeedAsync(client, torrent, folder, port);
        await tracker.KnowsAsync(metainfo.Id.Primary, Cancellation);

        using var trackers = new TrackerClient(TimeProvider.System);
        var request = new AnnounceRequest
        {
            InfoHash = metainfo.Id.Primary,
            PeerId = PeerId.Create(),
            Port = 9,
            Stats = new AnnounceStats(0, 0, metainfo.TotalLength, PeersWanted: 50),
        };
        var answer = await trackers.Open(tracker.AnnounceUrl).AnnounceAsync(request, Cancellation);
        answer.Peers.ShouldBe([new IPEndPoint(IPAddress.Loopback, port)]);
    }

    private static Task<ExternalProcess> SeedAsync(string client, string torrent, TempFolder folder, int port) => client switch
    {
        "libtorrent" => LibtorrentPeer.SeedAsync(torrent, folder.Path, port, Cancellation),
        "aria2" => StartAsync(
            RequiredTool.Path("aria2c", "apt-get install aria2"),
            port,
            ["--no-conf", "--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false", "--check-integrity=true", "--seed-ratio=0", $"--listen-port={port}", $"--dir={folder.Path}", torrent]),
        _ => StartAsync(
            RequiredTool.Path("transmission-cli", "apt-get install transmission-cli"),
            port,
            ["--config-dir", folder.MakeFolder("config"), "--download-dir", folder.Path, "--port", $"{port}", "--no-portmap", "--verify", torrent]),
    };

    private static Task<ExternalProcess> StartAsync(string program, int port, string[] arguments) => ExternalProcess.StartAsync(
        new ProcessPlan(Path.GetFileName(program), program, arguments)
        {
            Ready = Readiness.WhenTcpConnects(new IPEndPoint(IPAddress.Loopback, port)),
        },
        Cancellation);
}
