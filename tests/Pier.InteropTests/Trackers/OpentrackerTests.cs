using System.Net;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;

namespace Pier.InteropTests.Trackers;

/// <summary>Pier announces to a real opentracker, over HTTP and UDP, and hears of others there.</summary>
public sealed class OpentrackerTests
{
    // Bytes that must be escaped in a query, a zero among them.
    private static readonly InfoHash Served = InfoHash.Parse("0041ff2e5f7e2d20253031327a5a39ffb0b1b2b3");
    private static readonly InfoHash Other = InfoHash.OfInfo("not on the list"u8);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http")]
    [InlineData("udp")]
    public async Task Two_peers_find_each_other(string protocol)
    {
        await using var opentracker = await Opentracker.StartAsync([Served], Cancellation);
        using var client = new TrackerClient(TimeProvider.System);
        var tracker = client.Open(protocol == "http" ? opentracker.Http : opentracker.Udp);

        var first = await tracker.AnnounceAsync(Request(10_001, left: 0), Cancellation);
        first.Interval.ShouldBeGreaterThan(TimeSpan.FromMinutes(1));
        var second = await tracker.AnnounceAsync(Request(10_002, left: 5), Cancellation);
        second.Peers.ShouldContain(new IPEndPoint(IPAddress.Loopback, 10_001));
        second.Seeders.ShouldBe(1);
        second.Leechers.ShouldBe(1);
        (await tracker.ScrapeAsync([Served], Cancellation))[Served].ShouldBe(new SwarmCounts(Seeders: 1, Completed: 0, Leechers: 1));

        await tracker.AnnounceAsync(Request(10_002, left: 0) with { Event = AnnounceEvent.Completed }, Cancellation);
        (await tracker.ScrapeAsync([Served], Cancellation))[Served].ShouldBe(new SwarmCounts(Seeders: 2, Completed: 1, Leechers: 0));
        await tracker.AnnounceAsync(Request(10_001, left: 0) with { Event = AnnounceEvent.Stopped }, Cancellation);
        (await tracker.ScrapeAsync([Served], Cancellation))[Served].Seeders.ShouldBe(1);
    }

    [Fact]
    public async Task Peers_by_http_and_by_udp_are_in_one_swarm()
    {
        await using var opentracker = await Opentracker.StartAsync([Served], Cancellation);
        using var client = new TrackerClient(TimeProvider.System);
        await client.Open(opentracker.Udp).AnnounceAsync(Request(10_001, left: 5), Cancellation);
        (await client.Open(opentracker.Http).AnnounceAsync(Request(10_002, left: 5), Cancellation))
            .Peers.ShouldContain(new IPEndPoint(IPAddress.Loopback, 10_001));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("udp")]
    public async Task A_torrent_that_is_not_served_is_refused(string protocol)
    {
        await using var opentracker = await Opentracker.StartAsync([Served], Cancellation);
        using var client = new TrackerClient(TimeProvider.System);
        var tracker = client.Open(protocol == "http" ? opentracker.Http : opentracker.Udp);
        var error = await Should.ThrowAsync<TrackerException>(() =>
            tracker.AnnounceAsync(Request(10_001, left: 5) with { InfoHash = Other }, Cancellation));
        error.IsRefusal.ShouldBeTrue(error.Message);
        error.Message.ShouldContain(protocol == "http" ? "not authorized" : "may not serve this torrent");
    }

    [Fact]
    public async Task A_page_that_is_no_tracker_is_a_clear_error()
    {
        await using var opentracker = await Opentracker.StartAsync([Served], Cancellation);
        using var client = new TrackerClient(TimeProvider.System);
        var error = await Should.ThrowAsync<TrackerException>(() =>
            client.Open($"http://127.0.0.1:{opentracker.Port}/nothing-here").AnnounceAsync(Request(10_001, left: 5), Cancellation));
        error.Message.ShouldStartWith($"tracker http://127.0.0.1:{opentracker.Port}: it answered HTTP 404");
    }

    private static AnnounceRequest Request(ushort port, long left) => new()
    {
        InfoHash = Served,
        PeerId = PeerId.Create(),
        Port = port,
        Stats = new AnnounceStats(0, 0, left, PeersWanted: 50),
        Event = AnnounceEvent.Started,
    };
}
