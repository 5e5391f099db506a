using System.Net;
using System.Text;
using Pier.BitTorrent.Lsd;
using Pier.BitTorrent.Torrents;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Lsd;

/// <summary>Local service discovery: its text, and its pace on a hand-moved clock (BEP 14).</summary>
public sealed class LsdTests
{
    private static readonly IPAddress Neighbour = IPAddress.Parse("192.168.0.7");
    private static readonly IPEndPoint Group = new(IPAddress.Parse("239.192.152.143"), 6771);
    private readonly ManualTimeProvider _time = new();
    private readonly LsdNode _node;

    public LsdTests() => _node = new LsdNode("cafe", () => 5056, _time);

    [Fact]
    public void The_announce_as_BEP_14_writes_it()
    {
        var text = Encoding.ASCII.GetString(new LsdMessage(6881, [Hash(1), Hash(2)], "cafe").Write(Group));
        text.ShouldBe(
            "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\nInfohash: 0000000000000000000000000000000000000001\r\n"
            + "Infohash: 0000000000000000000000000000000000000002\r\ncookie: cafe\r\n\r\n\r\n");
        var read = LsdMessage.TryRead(Encoding.ASCII.GetBytes(text))!;
        (read.Port, read.Cookie).ShouldBe((6881, "cafe"));
        read.InfoHashes.ShouldBe([Hash(1), Hash(2)]);
    }

    [Fact]
    public void The_longest_announce_fits_a_datagram() =>
        new LsdMessage(65535, [.. Enumerable.Range(0, LsdMessage.MaxInfoHashes).Select(Hash)], "0123abcd")
            .Write(new IPEndPoint(IPAddress.Parse("ff15::efc0:988f"), 6771)).Length.ShouldBeLessThan(1400);

    [Theory]
    [InlineData("BT-SEARCH * HTTP/1.1\r\nPort: 6881\r\nINFOHASH: 000000000000000000000000000000000000000A\r\n\r\n\r\n", true)]
    [InlineData("BT-SEARCH * HTTP/1.1\nPort:6881\nInfohash:000000000000000000000000000000000000000a", true)]
    [InlineData("M-SEARCH * HTTP/1.1\r\nPort: 6881\r\nInfohash: 000000000000000000000000000000000000000a\r\n\r\n", false)]
    [InlineData("BT-SEARCH * HTTP/1.1\r\nPort: 0\r\nInfohash: 000000000000000000000000000000000000000a\r\n\r\n", false)]
    [InlineData("BT-SEARCH * HTTP/1.1\r\nPort: 99999\r\nInfohash: 000000000000000000000000000000000000000a\r\n\r\n", false)]
    [InlineData("BT-SEARCH * HTTP/1.1\r\nPort: 6881\r\nInfohash: 00\r\n\r\n", false)]
    [InlineData("BT-SEARCH * HTTP/1.1\r\nPort: 6881\r\n\r\n", false)]
    [InlineData("", false)]
    public void Announces_of_others(string text, bool isOne) =>
        (LsdMessage.TryRead(Encoding.ASCII.GetBytes(text))?.InfoHashes.Single() == Hash(10)).ShouldBe(isOne);

    [Fact]
    public void Noise_is_never_more_than_no_announce()
    {
        var random = new Random(1);
        var seed = new LsdMessage(6881, [Hash(1)], "x").Write(Group);
        for (var round = 0; round < 10_000; round++)
        {
            var bent = seed.ToArray();
            for (var damage = random.Next(1, 12); damage > 0; damage--)
            {
                bent[random.Next(bent.Length)] = (byte)random.Next(256);
            }

            LsdMessage.TryRead(bent.AsSpan(0, random.Next(bent.Length + 1)));
        }
    }

    [Fact]
    public void Who_announces_a_torrent_of_ours_is_found_and_we_ourselves_are_not()
    {
        List<IPEndPoint> found = [];
        _node.Follow(Hash(1), found.AddRange);
        _node.Receive(new LsdMessage(6881, [Hash(2)], null).Write(Group), Neighbour);
        _node.Receive(new LsdMessage(6881, [Hash(1)], "cafe").Write(Group), Neighbour);
        found.ShouldBeEmpty();
        _node.Receive(new LsdMessage(6881, [Hash(2), Hash(1)], "other").Write(Group), Neighbour);
        found.ShouldBe([new IPEndPoint(Neighbour, 6881)]);
    }

    [Fact]
    public void A_noisy_neighbour_is_heard_a_few_times()
    {
        List<IPEndPoint> found = [];
        _node.Follow(Hash(1), found.AddRange);
        for (var i = 0; i < 100; i++)
        {
            _node.Receive(new LsdMessage(1000 + i, [Hash(1)], null).Write(Group), Neighbour);
        }

        found.Count.ShouldBe(6);
    }

    [Fact]
    public void Each_torrent_is_announced_every_five_minutes_and_dropped_ones_no_more()
    {
        var followed = _node.Follow(Hash(1), _ => { });
        _node.TakeDue()!.InfoHashes.ShouldBe([Hash(1)]);
        _time.Advance(TimeSpan.FromMinutes(4.9));
        _node.TakeDue().ShouldBeNull();
        _time.Advance(TimeSpan.FromMinutes(0.2));
        _node.TakeDue()!.InfoHashes.ShouldBe([Hash(1)]);
        _node.Drop(followed);
        _time.Advance(TimeSpan.FromHours(1));
        _node.TakeDue().ShouldBeNull();
    }

    [Fact]
    public void Many_torrents_share_one_message_a_minute()
    {
        for (var i = 0; i < 200; i++)
        {
            _node.Follow(Hash(i), _ => { });
        }

        var messages = 0;
        for (var second = 0; second < 300; second++)
        {
            messages += _node.TakeDue() is { InfoHashes.Count: LsdMessage.MaxInfoHashes } ? 1 : 0;
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        messages.ShouldBe(7, "three at once, then one a minute");
    }

    private static InfoHash Hash(int number) => InfoHash.Parse(number.ToString("x40", System.Globalization.CultureInfo.InvariantCulture));
}
