using System.Net;
using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Tracking;
using Pier.BitTorrent.Trackers;
using Pier.TestKit.Time;
using Pier.UnitTests.BitTorrent.Trackers;
using static Pier.UnitTests.BitTorrent.BencodeText;

namespace Pier.UnitTests.BitTorrent.Tracking;

public sealed class HttpTrackerServerTests
{
    private const string Hash = "info_hash=%00A%ff._~-%20%25012zZ9%FF%B0%B1%B2%B3";
    private const string Peer = "peer_id=-PI0100-abcdefghijkl";
    private const string Head = "d8:completei0e11:external ip4:\u000a\0\0\u0001";

    private static readonly IPAddress Here = IPAddress.Parse("10.0.0.1");
    private static readonly IPAddress There = IPAddress.Parse("::ffff:10.0.0.2");
    private static readonly IPAddress Far = IPAddress.Parse("2001:db8::1");

    private static readonly ManualTimeProvider Clock = new();

    private readonly HttpTrackerServer _server = new(
        new Tracker(new SwarmRegistry(new SwarmRegistryOptions(), Clock, new Random(3)), AnyTorrent.Host, AnnounceKeys.None, Clock));

    [Fact]
    public void Answers_in_exact_bytes()
    {
        var query = $"?{Hash}&{Peer}&port=6881&uploaded=0&downloaded=0&left=5&compact=1&numwant=50&key=1&event=started";
        Announce(query, Here).ShouldBe(Head + "10:incompletei1e8:intervali900e12:min intervali30e5:peers0:e");
        Announce(query, There).ShouldEndWith("10:incompletei2e8:intervali900e12:min intervali30e5:peers6:\u000a\0\0\u0001\u001a\u00e1e");
        Announce(query, Far);
        Announce($"{Hash}&{Peer}&port=1&compact=0", Here).ShouldContain("2:ip8:10.0.0.27:peer id20:-PI0100-abcdefghijkl4:porti6881e");
        Announce($"{Hash}&{Peer}&port=1&compact=0&no_peer_id=1", Here).ShouldContain("d2:ip11:2001:db8::14:porti6881ee");
        Announce($"{Hash}&{Peer}&port=1", Here).ShouldContain("6:peers618:\u0020\u0001\u000d\u00b8\0\0\0\0\0\0\0\0\0\0\0\u0001\u001a\u00e1");

        Scrape($"{Hash}&{Hash}").ShouldBe(
            "d5:filesd20:\0A\u00ff._~- %012zZ9\u00ff\u00b0\u00b1\u00b2\u00b3d8:completei0e10:downloadedi0e10:incompletei4eeee");
    }

    [Theory]
    [InlineData("", "one info_hash")]
    [InlineData($"{Hash}&{Hash}&{Peer}&port=1", "one info_hash")]
    [InlineData($"{Hash}&port=1", "peer_id is missing")]
    [InlineData($"{Hash}&{Peer}", "port is missing")]
    [InlineData($"{Hash}&{Peer}&port=0", "nobody could connect")]
    [InlineData($"{Hash}&{Peer}&port=70000", "port is not")]
    [InlineData($"{Hash}&{Peer}&port=-1", "port is not")]
    [InlineData($"{Hash}&{Peer}&port=1&left=-1", "left is not")]
    [InlineData($"info_hash=abc&{Peer}&port=1", "20 bytes")]
    [InlineData($"info_hash=aaaaaaaaaaaaaaaaaaaaa&{Peer}&port=1", "20 bytes")]
    [InlineData($"info_hash=aaaaaaaaaaaaaaaaaaa%&{Peer}&port=1", "20 bytes")]
    [InlineData($"info_hash=aaaaaaaaaaaaaaaaaaa%a&{Peer}&port=1", "20 bytes")]
    [InlineData($"info_hash=aaaaaaaaaaaaaaaaaaa%zz&{Peer}&port=1", "20 bytes")]
    [InlineData($"info_hash=aaaaaaaaaaaaaaaaaaa\u2020&{Peer}&port=1", "20 bytes")]
    public void Refuses_with_a_failure_reason(string query, string reason)
    {
        var body = Announce(query, Here);
        body.ShouldStartWith("d14:failure reason");
        body.ShouldContain(reason);
    }

    [Fact]
    public void A_refusal_says_whether_asking_again_helps()
    {
        Announce($"{Hash}&{Peer}&port=0", Here).ShouldEndWith("8:retry in5:nevere");
        var own = new HttpTrackerServer(new Tracker(
            new SwarmRegistry(new SwarmRegistryOptions(), Clock, new Random(3)), new NoTorrents(), AnnounceKeys.None, Clock));
        Text(own.Announce("/announce", $"{Hash}&{Peer}&port=1", Here)).ShouldBe(
            "d14:failure reason39:this tracker does not know that torrent8:retry ini5ee");
        Text(own.Scrape("/scrape", Hash, Here)).ShouldBe("d5:filesdee");
    }

    [Theory]
    [InlineData("/announce/0123456789abcdef-_", true)]
    [InlineData("/0123456789abcdef-_/announce", true)]
    [InlineData("/announce", false)]
    [InlineData("/announce/", false)]
    [InlineData("/announce/0123456789abcdef-", false)]
    [InlineData("/announce/0123456789abcdef-_x", false)]
    [InlineData("/announce/0123456789ABCDEF-_", false)]
    public void A_keyed_tracker_wants_its_key_in_the_path(string path, bool opens)
    {
        var tracker = new Tracker(
            new SwarmRegistry(new SwarmRegistryOptions(), Clock, new Random(3)),
            AnyTorrent.Host,
            new AnnounceKeys(["another-key-of-the-tracker", "0123456789abcdef-_"]),
            Clock);
        var keyed = new HttpTrackerServer(tracker);
        Text(keyed.Announce(path, $"{Hash}&{Peer}&port=1", Here)).Contains("wants a key", StringComparison.Ordinal).ShouldBe(!opens);
        Text(keyed.Scrape(path.Replace("announce", "scrape", StringComparison.Ordinal), Hash, Here))
            .Contains("wants a key", StringComparison.Ordinal).ShouldBe(!opens);
        tracker.Statistics.Refusals.ShouldBe(opens ? 0 : 2);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("with/a/slash/in-it")]
    [InlineData("with a space in it")]
    public void A_key_that_could_not_stand_in_a_path_is_refused_unread(string key) =>
        Should.Throw<ArgumentException>(() => new AnnounceKeys([key])).Message.ShouldNotContain(key);

    [Fact]
    public void Is_patient_with_careless_clients()
    {
        var query = $"{Hash}&{Peer}&port=6881&left=0&numwant=many&event=unknown&flag&=x&compact=&ip=1.2.3.4";
        Announce(query, Here).ShouldStartWith("d8:completei1e");
        Announce("info_hash=++++++++++++++++++++&" + Peer + "&port=1", Here).ShouldStartWith("d8:complete");
    }

    [Fact]
    public void A_scrape_names_its_torrents_and_queries_are_bounded()
    {
        Scrape("").ShouldContain("names the torrents");
        Scrape("info_hash=abc").ShouldContain("20 bytes");
        Announce(new string('a', TrackerQuery.MaxLength + 1), Here).ShouldContain("more than 16384 characters");
    }

    [Fact]
    public void Our_client_and_our_server_understand_each_other_for_every_byte()
    {
        for (var start = 0; start < 256; start++)
        {
            var hash = new InfoHash([.. Enumerable.Range(start, 20).Select(value => (byte)value)]);
            var request = TrackerSamples.Request(AnnounceEvent.Started) with { InfoHash = hash };
            var uri = HttpAnnounceQuery.Announce(new Uri("http://t/announce"), request);
            var answer = HttpTrackerAnswer.ReadAnnounce("t", _server.Announce("/announce", uri.Query, Here));
            answer.Leechers.ShouldBe(1);
            answer.ExternalAddress.ShouldBe(Here);
            var scrape = HttpAnnounceQuery.Scrape(new Uri("http://t/announce"), [hash])!;
            HttpTrackerAnswer.ReadScrape("t", _server.Scrape("/scrape", scrape.Query, Here))[hash].ShouldBe(new SwarmCounts(0, 0, 1));
        }
    }

    [Fact]
    public void Mutated_queries_get_a_well_formed_answer()
    {
        var random = new Random(9);
        var seed = $"{Hash}&{Peer}&port=6881&uploaded=0&downloaded=0&left=5&compact=1&numwant=50&key=1&event=started&no_peer_id=1";
        const string Letters = "%&=+?-0123456789abcdefABCDEF\0\u00ff\u2020 ";
        for (var round = 0; round < 20_000; round++)
        {
            var query = seed.ToCharArray().ToList();
            for (var times = random.Next(6); times >= 0; times--)
            {
                var place = random.Next(query.Count);
                switch (random.Next(3))
                {
                    case 0:
                        query[place] = Letters[random.Next(Letters.Length)];
                        break;
                    case 1:
                        query.RemoveRange(place, Math.Min(random.Next(30), query.Count - place - 1));
                        break;
                    default:
                        query.Insert(place, Letters[random.Next(Letters.Length)]);
                        break;
                }
            }

            var text = string.Concat(query);
            ReadStrictly(_server.Announce("/announce", text, Here));
            ReadStrictly(_server.Scrape("/scrape", text, Here));
        }

        static void ReadStrictly(byte[] body)
        {
            var reader = new BencodeReader(body);
            reader.Skip();
            reader.ReadEnd();
        }
    }

    private sealed class NoTorrents : ITrackerHost
    {
        public bool Serves(InfoHash infoHash, IPAddress remote) => false;

        public void Join(InfoHash infoHash, IPAddress remote) => throw new InvalidOperationException();

        public void Announced(in TrackedAnnounce announce) => throw new InvalidOperationException();
    }

    private string Announce(string query, IPAddress remote) => Text(_server.Announce("/announce", query, remote));

    private string Scrape(string query) => Text(_server.Scrape("/scrape", query, Here));
}
