using Pier.BitTorrent.Trackers;

namespace Pier.UnitTests.BitTorrent.Trackers;

public sealed class HttpAnnounceQueryTests
{
    private const string Hash = "info_hash=%00A%FF._~-%20%25012zZ9%FF%B0%B1%B2%B3";

    [Fact]
    public void Writes_the_announce_address()
    {
        var uri = HttpAnnounceQuery.Announce(new Uri("http://t:80/announce"), TrackerSamples.Request(AnnounceEvent.Started));
        uri.ToString().ShouldBe(
            $"http://t/announce?{Hash}&peer_id=-PI0100-abcdefghijkl&port=6881&uploaded=1&downloaded=2&left=3"
            + "&compact=1&numwant=50&key=deadbeef&event=started");
    }

    [Theory]
    [InlineData(AnnounceEvent.None, "")]
    [InlineData(AnnounceEvent.Completed, "&event=completed")]
    [InlineData(AnnounceEvent.Stopped, "&event=stopped")]
    public void Writes_event_and_tracker_id_after_the_trackers_own_query(AnnounceEvent occasion, string expected)
    {
        var request = TrackerSamples.Request(occasion) with { TrackerId = new byte[] { 0, 65 } };
        var text = HttpAnnounceQuery.Announce(new Uri("https://t/x/announce.php?pass=1#frag"), request).ToString();
        text.ShouldStartWith($"https://t/x/announce.php?pass=1&{Hash}&");
        text.ShouldEndWith($"&key=deadbeef{expected}&trackerid=%00A");
    }

    [Theory]
    [InlineData("http://t/announce", "http://t/scrape?")]
    [InlineData("http://t:8080/a/announce.php?k=v", "http://t:8080/a/scrape.php?k=v&")]
    [InlineData("http://t/announce/x", null)]
    [InlineData("http://t/a", null)]
    public void Derives_the_scrape_address(string tracker, string? expected)
    {
        var uri = HttpAnnounceQuery.Scrape(new Uri(tracker), [TrackerSamples.Hash, TrackerSamples.Hash]);
        uri?.ToString().ShouldBe($"{expected}{Hash}&{Hash}");
        (uri is null).ShouldBe(expected is null);
    }
}
