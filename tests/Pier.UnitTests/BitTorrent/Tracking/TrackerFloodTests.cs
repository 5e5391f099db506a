using System.Buffers.Binary;
using System.Net;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.BitTorrent.Tracking;
using Pier.TestKit.Time;
using Pier.UnitTests.BitTorrent.Trackers;

namespace Pier.UnitTests.BitTorrent.Tracking;

/// <summary>Strangers that announce without end: what others find, and what is kept of them.</summary>
public sealed class TrackerFloodTests
{
    private static readonly IPAddress Stranger = IPAddress.Parse("203.0.113.5");

    private static readonly IPAddress Honest = IPAddress.Parse("198.51.100.7");

    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void One_host_takes_a_quarter_of_a_swarm()
    {
        var registry = Make(new SwarmRegistryOptions { MaxPeersPerSwarm = 100 });
        for (var port = 1; port <= 300; port++)
        {
            Announce(registry, Stranger, port).Refusal.ShouldBeNull();
        }

        Counts(registry).Leechers.ShouldBe(25);
        Announce(registry, Honest, 1);
        Announce(registry, Stranger, 7, left: 0, AnnounceEvent.Completed);
        Counts(registry).ShouldBe(new SwarmCounts(Seeders: 1, Completed: 1, Leechers: 25), "who is here may go on");
        Announce(registry, Stranger, 7, occasion: AnnounceEvent.Stopped);
        Announce(registry, Stranger, 8, occasion: AnnounceEvent.Stopped);
        Announce(registry, Stranger, 301);
        Announce(registry, Stranger, 302);
        Announce(registry, Stranger, 303);
        Counts(registry).Leechers.ShouldBe(26, "two places were free again");
    }

    [Theory]
    [InlineData("2001:db8:1:2::", 25)]
    [InlineData("127.0.0.1", 100)]
    [InlineData("10.1.2.3", 100)]
    public void A_prefix_is_a_host_and_this_host_and_members_may_have_all(string host, int places)
    {
        var registry = Make(new SwarmRegistryOptions { MaxPeersPerSwarm = 100, IsMember = address => address.GetAddressBytes() is [10, ..] });
        var bytes = IPAddress.Parse(host).GetAddressBytes();
        for (byte number = 1; number <= 200; number++)
        {
            if (bytes.Length == 16)
            {
                bytes[15] = number;
            }

            Announce(registry, new IPAddress(bytes), number);
        }

        Counts(registry).Leechers.ShouldBe(places);
    }

    [Fact]
    public void One_host_takes_an_eighth_of_all_places_and_half_of_the_swarms()
    {
        // One part of the registry, so that each bound is exact.
        var registry = Make(new SwarmRegistryOptions { MaxSwarms = 1, MaxPeers = 80, MaxPeersPerSwarm = 80 });
        for (var port = 1; port <= 60; port++)
        {
            Announce(registry, Stranger, port);
        }

        Counts(registry).Leechers.ShouldBe(10);

        var open = Make(new SwarmRegistryOptions { MaxSwarms = 1600, MaxPeers = 1_000_000 });
        var refused = Enumerable.Range(1, 4000).Count(number => Announce(open, Stranger, 1, hash: Hash(number)).Refusal is not null);
        open.List().Count.ShouldBeInRange(700, 800);
        refused.ShouldBe(4000 - open.List().Count);
        for (var number = 10_001; number <= 10_100; number++)
        {
            Announce(open, Honest, 1, hash: Hash(number)).Refusal.ShouldBeNull("there is room for others");
        }
    }

    [Fact]
    public void In_a_full_swarm_whoever_comes_takes_the_place_of_another_but_not_of_a_member()
    {
        var registry = Make(new SwarmRegistryOptions { MaxPeersPerSwarm = 200, IsMember = address => address.GetAddressBytes() is [10, ..] });
        for (byte number = 1; number <= 50; number++)
        {
            Announce(registry, new IPAddress([10, 0, 0, number]), 1);
        }

        for (var number = 0; number < 1000; number++)
        {
            Announce(registry, new IPAddress([198, 51, (byte)(number >> 8), (byte)number]), 1 + number);
        }

        Counts(registry).Leechers.ShouldBe(200);
        var room = new TrackedPeer[100];
        var asking = new TrackedAnnounce(TrackerSamples.Hash, TrackerSamples.Peer, new IPEndPoint(Honest, 1), 1, AnnounceEvent.None, PeersWanted: 100);
        var named = Enumerable.Range(0, 50).SelectMany(_ => room[..registry.Announce(asking, room).PeerCount]).Select(peer => peer.EndPoint).Distinct().ToArray();
        named.Count(peer => peer.Address.GetAddressBytes() is [10, ..]).ShouldBe(50, "strangers put no member out");
        named.Count(peer => peer.Port > 500).ShouldBeGreaterThan(75, "of the last five hundred, whose places the first ones had");
    }

    [Fact]
    public void A_swarm_whose_first_peer_found_no_place_is_not_kept()
    {
        var registry = Make(new SwarmRegistryOptions { MaxSwarms = 100, MaxPeers = 1 });
        for (var number = 1; number <= 500; number++)
        {
            Announce(registry, Honest, number, hash: Hash(number));
        }

        registry.List().Count.ShouldBe(registry.List().Sum(swarm => swarm.Value.Leechers));
    }

    [Fact]
    public void Who_comes_and_goes_without_end_leaves_nothing_behind()
    {
        var registry = Make(new SwarmRegistryOptions());
        Announce(registry, Honest, 1);
        for (var round = 0; round < 50_000; round++)
        {
            Announce(registry, Stranger, 1 + round % 100, occasion: AnnounceEvent.Started);
            Announce(registry, Stranger, 1 + round % 100, occasion: AnnounceEvent.Stopped);
        }

        registry.LooksWaiting.ShouldBeLessThan(1100);
        Counts(registry).Leechers.ShouldBe(1);
        _clock.Advance(TimeSpan.FromMinutes(33));
        registry.Sweep();
        registry.List().ShouldBeEmpty("who stays is still looked at");
        registry.LooksWaiting.ShouldBe(0);
    }

    [Fact]
    public void Who_left_and_came_back_is_looked_at_once()
    {
        var registry = Make(new SwarmRegistryOptions());
        for (var round = 0; round < 500; round++)
        {
            Announce(registry, Honest, 1);
            Announce(registry, Honest, 1, occasion: AnnounceEvent.Stopped);
        }

        Announce(registry, Honest, 1);
        _clock.Advance(TimeSpan.FromMinutes(10));
        registry.Sweep();
        registry.LooksWaiting.ShouldBe(1);
    }

    [Fact]
    public void Absurd_wishes_are_answered_within_bounds()
    {
        var registry = Make(new SwarmRegistryOptions());
        for (var number = 0; number < 1000; number++)
        {
            Announce(registry, new IPAddress([198, 51, (byte)(number >> 8), (byte)number]), 1 + number);
        }

        var http = new HttpTrackerServer(new Tracker(registry, AnyTorrent.Host, AnnounceKeys.None, _clock));
        var announce = "?peer_id=aaaaaaaaaaaaaaaaaaaa&port=7&left=1&info_hash=" + string.Concat(Bytes(0).Select(value => $"%{value:x2}"));
        foreach (var wish in new[] { "2147483647", "99999999999999999999", "-2147483648", "%", "0x7fffffff" })
        {
            http.Announce("/announce", announce + "&numwant=" + wish, Honest).Length.ShouldBeLessThan(800);
        }

        // As many ids as a query may hold are neither all answered nor all remembered.
        var scrape = "?" + string.Join('&', Enumerable.Range(0, 500).Select(number => $"info_hash={number:00000000000000000000}"));
        http.Scrape("/scrape", scrape, Honest).Length.ShouldBeLessThan(74 * 80);
        http.Announce("/announce", announce + "&" + scrape[1..], Honest).AsSpan().IndexOf("failure reason"u8).ShouldBeGreaterThan(0);
        http.Scrape("/scrape", scrape + scrape, Honest).AsSpan().IndexOf("failure reason"u8).ShouldBeGreaterThan(0);
        registry.List().Count.ShouldBe(1);
    }

    private static byte[] Bytes(int number)
    {
        var bytes = new byte[InfoHash.Size];
        TrackerSamples.Hash.CopyTo(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes, BinaryPrimitives.ReadInt32BigEndian(bytes) ^ (number * 0x01000193));
        return bytes;
    }

    private static InfoHash Hash(int number) => new(Bytes(number));

    private static RegistryAnswer Announce(
        SwarmRegistry registry, IPAddress address, int port, long left = 1, AnnounceEvent occasion = AnnounceEvent.None, InfoHash? hash = null)
    {
        var announce = new TrackedAnnounce(
            hash ?? TrackerSamples.Hash, TrackerSamples.Peer, new IPEndPoint(address, port), left, occasion, PeersWanted: 0);
        return registry.Announce(announce, []);
    }

    private static SwarmCounts Counts(SwarmRegistry registry)
    {
        registry.TryCount(TrackerSamples.Hash, out var counts).ShouldBeTrue();
        return counts;
    }

    private SwarmRegistry Make(SwarmRegistryOptions options) => new(options, _clock, new Random(1));
}
