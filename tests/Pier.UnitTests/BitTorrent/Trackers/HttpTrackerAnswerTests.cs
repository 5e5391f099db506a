using System.Net;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.UnitTests.BitTorrent.Fuzzing;
using static Pier.UnitTests.BitTorrent.BencodeText;

namespace Pier.UnitTests.BitTorrent.Trackers;

public sealed class HttpTrackerAnswerTests
{
    private const string Full =
        "d8:completei5e11:external ip4:\u0001\u0002\u0003\u000410:incompletei7e8:intervali1800e12:min intervali60e5:peers12:"
        + "\u000a\0\0\u0001\u001a\u00e1\u000a\0\0\u0002\0\u0050"
        + "6:peers618:\u0020\u0001\u000d\u00b8\0\0\0\0\0\0\0\0\0\0\0\u0001\u001a\u00e110:tracker id3:abc15:warning message4:slowe";

    [Fact]
    public void Reads_a_compact_answer()
    {
        var answer = Read(Full);
        answer.Interval.ShouldBe(TimeSpan.FromMinutes(30));
        answer.MinInterval.ShouldBe(TimeSpan.FromMinutes(1));
        answer.Seeders.ShouldBe(5);
        answer.Leechers.ShouldBe(7);
        answer.Warning.ShouldBe("slow");
        Text(answer.TrackerId.Span).ShouldBe("abc");
        answer.ExternalAddress.ShouldBe(IPAddress.Parse("1.2.3.4"));
        answer.Peers.ShouldBe([IPEndPoint.Parse("10.0.0.1:6881"), IPEndPoint.Parse("10.0.0.2:80"), IPEndPoint.Parse("[2001:db8::1]:6881")]);
    }

    [Fact]
    public void Reads_a_list_of_peers_and_leaves_out_those_out_of_reach()
    {
        var answer = Read(
            "d8:intervali900e5:peersl"
            + "d2:ip8:10.0.0.17:peer id20:aaaaaaaaaaaaaaaaaaaa4:porti6881ee"
            + "d2:ip11:2001:db8::14:porti6881ee"
            + "d2:ip12:peer.example4:porti6881ee"
            + "d2:ip8:10.0.0.24:porti0ee"
            + "d2:ip8:10.0.0.34:porti70000ee"
            + "d2:ip7:0.0.0.04:porti1ee"
            + "d4:porti1eedeee");
        answer.Peers.ShouldBe([IPEndPoint.Parse("10.0.0.1:6881"), IPEndPoint.Parse("[2001:db8::1]:6881")]);
    }

    [Theory]
    [InlineData("de", 1800, 0)]
    [InlineData("d8:intervali-5e12:min intervali-5ee", 1800, 0)]
    [InlineData("d8:intervali1e12:min intervali1ee", 10, 10)]
    [InlineData("d8:intervali99999999ee", 21_600, 0)]
    public void Keeps_intervals_within_bounds(string body, int interval, int minInterval)
    {
        var answer = Read(body);
        answer.Interval.TotalSeconds.ShouldBe(interval);
        answer.MinInterval.TotalSeconds.ShouldBe(minInterval);
        answer.Seeders.ShouldBeNull();
        answer.ExternalAddress.ShouldBeNull();
    }

    [Theory]
    [InlineData("<html><body>404</body></html>", "web page")]
    [InlineData("  \r\n<!DOCTYPE html>", "web page")]
    [InlineData("", "not bencoding")]
    [InlineData("hello", "not bencoding")]
    [InlineData("d5:peersi1ee", "not bencoding")]
    [InlineData("d5:peers5:abcdee", "5 bytes of peers")]
    [InlineData("d6:peers66:abcdefe", "6 bytes of peers")]
    public void Refuses_what_is_no_answer(string body, string problem)
    {
        var error = Should.Throw<TrackerException>(() => Read(body));
        error.Message.ShouldContain(problem);
        error.Message.ShouldStartWith("tracker http://t:");
        error.IsRefusal.ShouldBeFalse();
    }

    [Theory]
    [InlineData("d14:failure reason4:nopee", null)]
    [InlineData("d14:failure reason4:nope8:retry ini5ee", 5)]
    [InlineData("d14:failure reason4:nope8:retry in5:nevere", -1)]
    [InlineData("d14:failure reason4:nope8:retry in5:latere", null)]
    [InlineData("d14:failure reason4:nope8:retry inlee", null)]
    [InlineData("d14:failure reason4:nope8:retry ini99999999ee", 1440)]
    public void Reports_a_refusal_with_its_wish(string body, int? minutes)
    {
        body = body.Replace("4:nopee", "4:nopee", StringComparison.Ordinal);
        var error = Should.Throw<TrackerException>(() => Read(body));
        error.IsRefusal.ShouldBeTrue();
        error.Message.ShouldContain("nope");
        error.RetryAfter.ShouldBe(minutes switch
        {
            null => null,
            -1 => Timeout.InfiniteTimeSpan,
            var value => TimeSpan.FromMinutes(value.Value),
        });
    }

    [Fact]
    public void A_message_is_shortened_and_made_harmless()
    {
        var error = Should.Throw<TrackerException>(() => Read("d14:failure reason" + Str("\u001b[31m" + new string('x', 5000)) + "e"));
        error.Message.Length.ShouldBeLessThan(400);
        error.Message.ShouldNotContain("\u001b");
    }

    [Fact]
    public void Reads_a_scrape()
    {
        var hash = Text(TrackerSamples.Hash.ToArray());
        var counts = HttpTrackerAnswer.ReadScrape(
            "http://t",
            Bytes($"d5:filesd{Str("short")}de{Str(hash)}d8:completei3e10:downloadedi9e10:incompletei-1e4:name1:xeee"));
        counts.ShouldBe(new Dictionary<InfoHash, SwarmCounts> { [TrackerSamples.Hash] = new(3, 9, 0) });
    }

    [Fact]
    public void The_number_of_peers_is_bounded()
    {
        var peers = string.Concat(Enumerable.Repeat("\u000a\0\0\u0001\u001a\u00e1", 10_000));
        Read($"d5:peers{Str(peers)}e").Peers.Count.ShouldBe(TrackerBounds.MaxPeers);
        var list = string.Concat(Enumerable.Repeat("d2:ip8:10.0.0.14:porti6881ee", 3_000));
        Read($"d5:peersl{list}ee").Peers.Count.ShouldBe(TrackerBounds.MaxPeers);
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Mutants_are_read_or_refused_by_the_documented_exception(int seed)
    {
        byte[][] seeds =
        [
            Bytes(Full),
            Bytes("d8:intervali900e5:peersld2:ip8:10.0.0.17:peer id20:aaaaaaaaaaaaaaaaaaaa4:porti6881eeee"),
            Bytes("d14:failure reason4:nope8:retry ini5ee"),
            Bytes("d5:filesd20:aaaaaaaaaaaaaaaaaaaad8:completei3e10:downloadedi9e10:incompletei1eeee"),
        ];
        var mutator = new BencodeMutator(seed);
        var read = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var body = mutator.Mutate(seeds[round % seeds.Length]);
            try
            {
                _ = HttpTrackerAnswer.ReadAnnounce("http://t", body);
                _ = HttpTrackerAnswer.ReadScrape("http://t", body);
                read++;
            }
            catch (TrackerException error)
            {
                error.Message.Length.ShouldBeLessThan(600);
            }
        }

        read.ShouldBeInRange(1_000, 19_000);
    }

    private static AnnounceAnswer Read(string body) => HttpTrackerAnswer.ReadAnnounce("http://t", Bytes(body));
}
