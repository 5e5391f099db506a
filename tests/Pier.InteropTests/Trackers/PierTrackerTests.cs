using System.Net;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.InteropTests.Engine;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Trackers;

/// <summary>Other people's clients announce to Pier's tracker, which tells the next peer where they listen.</summary>
public sealed class PierTrackerTests
{
    private const string Key = "interop-tracker-key-0123";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("libtorrent", "http")]
    [InlineData("libtorrent", "udp")]
    [InlineData("aria2", "http")]
    [InlineData("aria2", "udp")]
    [InlineData("transmission", "http")]
    [InlineData("transmission", "udp")]
    [InlineData("rtorrent", "http")]
    [InlineData("rtorrent", "udp")]
    [InlineData("webtorrent", "http")]
    [InlineData("webtorrent", "udp")]
    public async Task A_seed_that_announces_is_told_of(string client, string protocol)
    {
        await using var tracker = await LocalTracker.StartAsync(Cancellation);
        await using var seeded = await SeededFile.CreateAsync(protocol == "udp" ? tracker.UdpAnnounceUrl : tracker.AnnounceUrl, Cancellation);

        var port = FreePort.Next(alsoUdp: true);
        await using var seed = await seeded.SeedAsync(client, port, Cancellation);
        await tracker.KnowsAsync(seeded.Metainfo.Id.Primary, Cancellation);

        (await AskAsync(tracker.AnnounceUrl, seeded.Metainfo)).Peers.ShouldBe([new IPEndPoint(IPAddress.Loopback, port)]);
        (await AskAsync(tracker.UdpAnnounceUrl, seeded.Metainfo)).Peers.ShouldContain(new IPEndPoint(IPAddress.Loopback, port));
        (protocol == "udp" ? tracker.Statistics.UdpAnnounces : tracker.Statistics.HttpAnnounces).ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("udp")]
    public async Task Two_libtorrents_find_each_other_by_a_keyed_tracker(string protocol)
    {
        await using var tracker = await LocalTracker.StartAsync(Cancellation, Key);
        await using var seeded = await SeededFile.CreateAsync(protocol == "udp" ? tracker.UdpAnnounceUrl : tracker.AnnounceUrl, Cancellation);
        await using var seed = await seeded.SeedAsync("libtorrent", FreePort.Next(alsoUdp: true), Cancellation);
        await tracker.KnowsAsync(seeded.Metainfo.Id.Primary, Cancellation);

        var folder = seeded.Folder.MakeFolder("got");
        await using var getter = await LibtorrentPeer.GetAsync(seeded.Torrent, folder, Cancellation);

        (await File.ReadAllBytesAsync(Path.Combine(folder, "data"), Cancellation)).AsSpan().SequenceEqual(seeded.Content).ShouldBeTrue();
        tracker.Statistics.Refusals.ShouldBe(0);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("udp")]
    public async Task Without_the_key_a_client_hears_of_nobody(string protocol)
    {
        await using var tracker = await LocalTracker.StartAsync(Cancellation, Key);
        var url = (protocol == "udp" ? tracker.UdpAnnounceUrl : tracker.AnnounceUrl).Replace($"/{Key}", "", StringComparison.Ordinal);
        await using var seeded = await SeededFile.CreateAsync(url, Cancellation);
        await using var seed = await seeded.SeedAsync("libtorrent", FreePort.Next(alsoUdp: true), Cancellation);

        await Eventually.TrueAsync(() => tracker.Statistics.Refusals > 0, "the announce to be refused", PierPeer.Deadline, Cancellation);
        (await Should.ThrowAsync<TrackerException>(() => AskAsync(url, seeded.Metainfo))).Message.ShouldContain("wants a key");
        tracker.Statistics.Swarms.ShouldBe(0);
    }

    private static async Task<AnnounceAnswer> AskAsync(string url, Metainfo metainfo)
    {
        using var trackers = new TrackerClient(TimeProvider.System);
        var request = new AnnounceRequest
        {
            InfoHash = metainfo.Id.Primary,
            PeerId = PeerId.Create(),
            Port = 9,
            Stats = new AnnounceStats(0, 0, metainfo.TotalLength, PeersWanted: 50),
        };
        return await trackers.Open(url).AnnounceAsync(request, Cancellation);
    }
}
