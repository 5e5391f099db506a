using System.Buffers.Binary;
using System.Net;
using System.Text;
using Pier.BitTorrent.Tracking;
using Pier.BitTorrent.Trackers;
using Pier.TestKit.Time;
using Pier.UnitTests.BitTorrent.Trackers;

namespace Pier.UnitTests.BitTorrent.Tracking;

public sealed class UdpTrackerServerTests
{
    private const string Key = "0123456789abcdef";

    private static readonly IPAddress Here = IPAddress.Parse("10.0.0.1");
    private static readonly IPAddress There = IPAddress.Parse("10.0.0.2");
    private static readonly IPAddress Far = IPAddress.Parse("2001:db8::1");

    private readonly ManualTimeProvider _clock = new();
    private readonly Tracker _tracker;
    private readonly UdpTrackerServer _server;

    public UdpTrackerServerTests()
    {
        _tracker = Make(AnnounceKeys.None);
        _server = new UdpTrackerServer(_tracker, _clock);
    }

    [Fact]
    public void Connects_announces_and_scrapes_in_the_bytes_of_BEP_15()
    {
        var connect = Ask(Connect(), Here);
        connect.Length.ShouldBe(16);
        connect[..8].ShouldBe([0, 0, 0, 0, 0x11, 0x22, 0x33, 0x44]);
        connect[8].ShouldNotBe((byte)'d', "that is how DHT messages start, on the same port");
        var id = BinaryPrimitives.ReadInt64BigEndian(connect.AsSpan(8));

        Ask(Announce(id), Here).ShouldBe([0, 0, 0, 1, 0x11, 0x22, 0x33, 0x44, 0, 0, 3, 132, 0, 0, 0, 1, 0, 0, 0, 0]);
        Ask(Announce(IdOf(There)), There).ShouldBe(
            [0, 0, 0, 1, 0x11, 0x22, 0x33, 0x44, 0, 0, 3, 132, 0, 0, 0, 2, 0, 0, 0, 0, 10, 0, 0, 1, 0x1a, 0xe1]);
        Ask(Announce(IdOf(Far)), Far).Length.ShouldBe(20, "an IPv6 answer has no IPv4 peers");
        Ask(Announce(IdOf(IPAddress.Parse("2001:db8::2"))), IPAddress.Parse("2001:db8::2"))[20..].ShouldBe(
            [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x1a, 0xe1]);

        var scrape = new byte[16 + 40];
        UdpTrackerPackets.WriteScrape(scrape, id, 7, [TrackerSamples.Hash, default]);
        Ask(scrape, Here).ShouldBe([0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        _tracker.Statistics.ShouldSatisfyAllConditions(
            statistics => statistics.UdpAnnounces.ShouldBe(4),
            statistics => statistics.Scrapes.ShouldBe(1),
            statistics => statistics.Leechers.ShouldBe(4));
    }

    [Fact]
    public void A_connection_id_is_one_addresss_and_grows_old()
    {
        var id = IdOf(Here);
        ErrorOf(Ask(Announce(id), There)).ShouldBe("connection id is old");
        _clock.Advance(TimeSpan.FromSeconds(119));
        Ask(Announce(id), Here)[3].ShouldBe((byte)1);
        _clock.Advance(TimeSpan.FromSeconds(119));
        Ask(Announce(id), Here)[3].ShouldBe((byte)1, "it is good for two minutes at least, whenever it was given out");
        _clock.Advance(TimeSpan.FromSeconds(121));
        ErrorOf(Ask(Announce(id), Here)).ShouldBe("connection id is old");
        id = IdOf(Here);
        _clock.Advance(TimeSpan.FromMinutes(10));
        ErrorOf(Ask(Announce(id), Here)).ShouldBe("connection id is old");
    }

    [Fact]
    public void An_unproved_address_gets_no_more_bytes_than_it_sent()
    {
        var forged = IdOf(Here) ^ 1;
        for (var length = 0; length < 200; length++)
        {
            foreach (var action in (int[])[0, 1, 2, 3, 99])
            {
                foreach (var connection in (long[])[forged, UdpTrackerPackets.ProtocolId, 5, 0])
                {
                    var packet = new byte[200];
                    UdpTrackerPackets.WriteHeader(packet, connection, action, 1);
                    Ask(packet[..length], Here).Length.ShouldBeLessThanOrEqualTo(length);
                }
            }
        }
    }

    [Fact]
    public void Only_what_starts_as_this_protocol_is_taken()
    {
        UdpTrackerServer.Knows("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"u8).ShouldBeFalse();
        UdpTrackerServer.Knows(Connect()).ShouldBeTrue();
        UdpTrackerServer.Knows(Connect().AsSpan(0, 15)).ShouldBeFalse();
        UdpTrackerServer.Knows(Announce(IdOf(Here))).ShouldBeTrue();
        UdpTrackerServer.Knows(new byte[20] { 0x41, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }).ShouldBeFalse();
    }

    [Theory]
    [InlineData($"/announce/{Key}", true)]
    [InlineData($"/announce/{Key}?pass=1", true)]
    [InlineData($"/{Key}/announce", true)]
    [InlineData("/announce", false)]
    [InlineData("", false)]
    public void A_key_comes_as_URL_data(string url, bool opens)
    {
        var server = new UdpTrackerServer(Make(new AnnounceKeys([Key])), _clock);
        var id = IdOf(Here, server);
        var answer = Ask(Announce(id, url), Here, server);
        answer[3].ShouldBe(opens ? (byte)1 : (byte)3);
        if (!opens)
        {
            ErrorOf(answer).ShouldContain("wants a key");
        }

        var scrape = new byte[36];
        UdpTrackerPackets.WriteScrape(scrape, id, 7, [TrackerSamples.Hash]);
        ErrorOf(Ask(scrape, Here, server)).ShouldContain("wants a key");
    }

    [Fact]
    public void URL_data_is_put_together_from_its_portions_and_bounded()
    {
        Span<byte> url = stackalloc byte[16];
        UdpTrackerRequest.ReadUrlData([1, 1, 2, 2, (byte)'/', (byte)'a', 9, 1, 7, 2, 1, (byte)'b', 0, 2, 1, (byte)'c'], url).ShouldBe(3);
        Encoding.ASCII.GetString(url[..3]).ShouldBe("/ab");
        UdpTrackerRequest.ReadUrlData([2, 200, 1, 2, 3], url).ShouldBe(0, "cut short");
        UdpTrackerRequest.ReadUrlData([2], url).ShouldBe(0);
        UdpTrackerRequest.ReadUrlData([2, 20, .. new byte[20], 2, 1, 1], url).ShouldBe(16);
    }

    [Fact]
    public void Our_client_and_our_server_understand_each_other()
    {
        var request = TrackerSamples.Request(AnnounceEvent.Started);
        Ask(Announce(IdOf(There)), There);
        var packet = new byte[200];
        var length = UdpTrackerPackets.WriteAnnounce(packet, IdOf(Here), 5, request, "/announce");
        var answer = UdpTrackerAnswer.ReadAnnounce("t", Ask(packet[..length], Here), isIPv6: false);
        answer.Peers.ShouldBe([new IPEndPoint(There, 6881)]);
        answer.Leechers.ShouldBe(2);
    }

    [Fact]
    public void Mutated_datagrams_never_throw_and_answers_stay_in_bounds()
    {
        var random = new Random(4);
        for (var round = 0; round < 20_000; round++)
        {
            var packet = Announce(IdOf(Here), "/announce/abcdefghijklmnop?x=y");
            for (var times = random.Next(5); times > 0; times--)
            {
                packet[random.Next(8, packet.Length)] = (byte)random.Next(256);
            }

            Ask(packet[..random.Next(packet.Length + 1)], Here).Length.ShouldBeLessThanOrEqualTo(UdpTrackerServer.MaxAnswer);
        }
    }

    [Fact]
    public void An_announce_allocates_no_more_than_its_end_point()
    {
        var packet = Announce(IdOf(Here));
        var answer = new byte[UdpTrackerServer.MaxAnswer];
        const int Rounds = 1000;
        for (var round = 0; round < Rounds; round++)
        {
            _server.Answer(packet, Here, answer);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < Rounds; round++)
        {
            _server.Answer(packet, Here, answer);
        }

        ((GC.GetAllocatedBytesForCurrentThread() - before) / Rounds).ShouldBeLessThanOrEqualTo(64);
    }

    private Tracker Make(AnnounceKeys keys) =>
        new(new SwarmRegistry(new SwarmRegistryOptions(), _clock, new Random(3)), AnyTorrent.Host, keys, _clock);

    private static byte[] Connect()
    {
        var packet = new byte[UdpTrackerPackets.ConnectSize];
        UdpTrackerPackets.WriteConnect(packet, 0x11223344);
        return packet;
    }

    private static byte[] Announce(long connection, string url = "")
    {
        var packet = new byte[200];
        var request = TrackerSamples.Request(AnnounceEvent.Started) with { Port = 6881 };
        return packet[..UdpTrackerPackets.WriteAnnounce(packet, connection, 0x11223344, request, url)];
    }

    private static string ErrorOf(byte[] answer)
    {
        answer[..4].ShouldBe([0, 0, 0, 3]);
        return Encoding.UTF8.GetString(answer.AsSpan(8));
    }

    private long IdOf(IPAddress address, UdpTrackerServer? server = null) =>
        BinaryPrimitives.ReadInt64BigEndian(Ask(Connect(), address, server).AsSpan(8));

    private byte[] Ask(byte[] packet, IPAddress from, UdpTrackerServer? server = null)
    {
        var answer = new byte[UdpTrackerServer.MaxAnswer];
        return answer[..(server ?? _server).Answer(packet, from, answer)];
    }
}
