using System.Net;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.TestKit.Time;
using static Pier.UnitTests.BitTorrent.BencodeText;

namespace Pier.UnitTests.BitTorrent.Trackers;

public sealed class HttpTrackerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Announces_and_scrapes()
    {
        var asked = new List<string>();
        var tracker = Make(request =>
        {
            asked.Add(request.RequestUri!.ToString());
            return Answer(HttpStatusCode.OK, "d5:filesd20:aaaaaaaaaaaaaaaaaaaad8:completei1eee8:intervali900ee");
        });
        (await tracker.AnnounceAsync(TrackerSamples.Request(), Cancellation)).Interval.ShouldBe(TimeSpan.FromMinutes(15));
        (await tracker.ScrapeAsync([TrackerSamples.Hash], Cancellation))[new InfoHash("aaaaaaaaaaaaaaaaaaaa"u8)].Seeders.ShouldBe(1);
        asked[0].ShouldStartWith("http://t:8000/announce?pass=secret&info_hash=");
        asked[1].ShouldStartWith("http://t:8000/scrape?pass=secret&info_hash=");
    }

    [Fact]
    public void A_tracker_tells_of_peers_that_reach_as_far_as_itself()
    {
        IPEndPoint[] peers = [IPEndPoint.Parse("9.9.9.9:1"), IPEndPoint.Parse("192.168.0.1:22"), IPEndPoint.Parse("127.0.0.1:80"), IPEndPoint.Parse("[fd00::1]:1")];
        var answer = new AnnounceAnswer { Interval = TimeSpan.FromMinutes(30), Peers = peers };
        answer.BelievedPeers.ShouldBe(peers, "nobody knows where it is");
        (answer with { TrackerAddress = IPAddress.Loopback }).BelievedPeers.ShouldBe(peers);
        (answer with { TrackerAddress = IPAddress.Parse("10.0.0.1") }).BelievedPeers.ShouldBe([peers[0], peers[1], peers[3]]);
        (answer with { TrackerAddress = IPAddress.Parse("8.8.8.8") }).BelievedPeers.ShouldBe([peers[0]]);
    }

    [Fact]
    public async Task Failures_name_the_tracker_but_not_the_pass_key()
    {
        await Refused(_ => Answer(HttpStatusCode.NotFound, "<html>"), "HTTP 404");
        await Refused(_ => Answer(HttpStatusCode.BadRequest, "d14:failure reason4:nopee"), "it refused: nope");
        await Refused(_ => Answer(HttpStatusCode.OK, "<html>"), "web page");
        await Refused(_ => Answer(HttpStatusCode.OK, new string('x', (1 << 20) + 1)), "larger than 1048576 bytes");
        await Refused(_ => throw new HttpRequestException("Connection refused"), "Connection refused");

        static async Task Refused(Func<HttpRequestMessage, HttpResponseMessage> answer, string problem)
        {
            var error = await Should.ThrowAsync<TrackerException>(() => Make(answer).AnnounceAsync(TrackerSamples.Request(), Cancellation));
            error.Message.ShouldStartWith("tracker http://t:8000: ");
            error.Message.ShouldContain(problem);
            error.ToString().ShouldNotContain("secret");
        }
    }

    [Fact]
    public async Task A_silent_tracker_is_given_up()
    {
        var clock = new ManualTimeProvider();
        using var http = new HttpClient(new Silent());
        var tracker = new HttpTracker(new Uri("http://t/announce"), http, clock);
        var announcing = tracker.AnnounceAsync(TrackerSamples.Request(), Cancellation);
        clock.Advance(TrackerBounds.RequestTimeout);
        (await Should.ThrowAsync<TrackerException>(() => announcing)).Message.ShouldContain("no answer within 30 s");
    }

    [Fact]
    public async Task The_callers_cancellation_is_told_apart_from_a_timeout()
    {
        using var http = new HttpClient(new Silent());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var announcing = new HttpTracker(new Uri("http://t/announce"), http, new ManualTimeProvider())
            .AnnounceAsync(TrackerSamples.Request(), stop.Token);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => announcing);
    }

    [Fact]
    public async Task Scraping_needs_an_announce_address()
    {
        using var http = new HttpClient(new Silent());
        var tracker = new HttpTracker(new Uri("http://user:pw@t/x"), http, TimeProvider.System);
        var error = await Should.ThrowAsync<TrackerException>(() => tracker.ScrapeAsync([TrackerSamples.Hash], Cancellation));
        error.Message.ShouldBe("tracker http://t:80: it offers no scrape: its address does not end in /announce");
    }

    [Theory]
    [InlineData("http://169.254.169.254/announce")]
    [InlineData("http://[fe80::1]/announce")]
    [InlineData("udp://169.254.169.254:80")]
    public async Task Link_local_trackers_are_not_asked(string address)
    {
        using var client = new TrackerClient(TimeProvider.System);
        var error = await Should.ThrowAsync<TrackerException>(() => client.Open(address).AnnounceAsync(TrackerSamples.Request(), Cancellation));
        error.Message.ShouldContain("link-local");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("ftp://t/announce")]
    [InlineData("udp://t/announce")]
    public void Addresses_of_other_kinds_are_refused(string address)
    {
        using var client = new TrackerClient(TimeProvider.System);
        Should.Throw<TrackerException>(() => client.Open(address));
    }

    [Fact]
    public void Torrents_share_a_udp_tracker()
    {
        using var client = new TrackerClient(TimeProvider.System);
        client.Open("udp://127.0.0.1:9/announce").ShouldBeSameAs(client.Open("udp://127.0.0.1:9/announce"));
    }

    [Theory]
    [InlineData(false, "udp://t:9/announce", false)]
    [InlineData(true, "udp://t:9/announce", true)]
    [InlineData(true, "http://t/announce", true)]
    [InlineData(true, "http://127.0.0.1/announce", false)]
    [InlineData(true, "udp://[::1]:9", false)]
    public void Trackers_with_a_name_are_asked_over_both_families_by_who_listens_on_both(bool listensOnBoth, string address, bool isDual)
    {
        using var client = new TrackerClient(TimeProvider.System, listensOnBoth);
        (client.Open(address) is DualTracker).ShouldBe(isDual);
    }

    private static HttpTracker Make(Func<HttpRequestMessage, HttpResponseMessage> answer) =>
        new(new Uri("http://t:8000/announce?pass=secret"), new HttpClient(new Scripted(answer)), TimeProvider.System);

    private static HttpResponseMessage Answer(HttpStatusCode status, string body) =>
        new(status) { Content = new ByteArrayContent(Bytes(body)) };

    private sealed class Scripted(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(answer(request));
    }

    private sealed class Silent : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return new HttpResponseMessage();
        }
    }
}
