using System.Net;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Tracking;
using Pier.BitTorrent.Trackers;
using Pier.TestKit.Time;
using Pier.UnitTests.BitTorrent.Trackers;

namespace Pier.UnitTests.BitTorrent.Tracking;

public sealed class SwarmRegistryTests
{
    private static readonly InfoHash Hash = TrackerSamples.Hash;

    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Peers_hear_of_each_other_but_not_of_themselves()
    {
        var registry = Make();
        Ask(registry, Peer(1)).ShouldBeEmpty();
        Ask(registry, Peer(2)).ShouldBe([EndPoint(1)]);
        Ask(registry, Peer(1, left: 0)).ShouldBe([EndPoint(2)]);
        Counts(registry).ShouldBe(new SwarmCounts(Seeders: 1, Completed: 0, Leechers: 1));
    }

    [Fact]
    public void A_seed_hears_of_those_that_lack_something_and_they_of_both_kinds()
    {
        var registry = Make();
        for (var number = 1; number <= 100; number++)
        {
            Ask(registry, Peer(number, left: number <= 3 ? 0 : 1));
        }

        Ask(registry, Peer(101, left: 0) with { PeersWanted = 100 }).ShouldBe(Enumerable.Range(4, 97).Select(EndPoint), ignoreOrder: true);
        Ask(registry, Peer(102) with { PeersWanted = 10 }).Count(found => Number(found) is <= 3 or 101).ShouldBe(4, "all seeds, few as they are");
        Ask(registry, Peer(1, left: 0, AnnounceEvent.Started)).ShouldContain(EndPoint(2), "who has only a magnet link may say that it lacks nothing");
    }

    [Fact]
    public void Near_peers_come_first_and_some_far_ones_always()
    {
        var registry = new SwarmRegistry(
            new SwarmRegistryOptions { IsMember = address => address.GetAddressBytes() is [172, 16, ..] }, _clock, new Random(1));
        for (var number = 1; number <= 200; number++)
        {
            Ask(registry, Peer(number) with { EndPoint = new IPEndPoint(IPAddress.Parse($"198.51.{number}.1"), 1) });
        }

        for (var number = 1; number <= 20; number++)
        {
            Ask(registry, Peer(number));
            Ask(registry, Peer(number) with { EndPoint = new IPEndPoint(IPAddress.Parse($"172.16.{number}.1"), 1) });
        }

        var subnet = Ask(registry, Peer(99) with { PeersWanted = 20 });
        subnet.Count(found => found.Address.GetAddressBytes() is [10, ..]).ShouldBe(15);
        subnet.Count.ShouldBe(20);
        var member = Ask(registry, Peer(99) with { EndPoint = IPEndPoint.Parse("172.16.99.1:1"), PeersWanted = 20 });
        member.Count(found => found.Address.GetAddressBytes() is [172, ..]).ShouldBe(15);
        Ask(registry, Peer(99) with { PeersWanted = 24 }).Distinct().Count().ShouldBe(24);
    }

    [Fact]
    public void In_a_crowd_who_came_late_is_named_too()
    {
        var registry = Make();
        var named = new Dictionary<IPEndPoint, int>();
        for (var number = 0; number < 1000; number++)
        {
            var endPoint = new IPEndPoint(IPAddress.Parse($"198.{number / 256}.{number % 256}.1"), 1);
            foreach (var found in Ask(registry, Peer(1) with { EndPoint = endPoint, PeersWanted = 80 }))
            {
                named[found] = named.GetValueOrDefault(found) + 1;
            }
        }

        // Picked by chance alone each of those would be named some 24 times, and the first ones hundreds of times.
        named.Where(each => each.Key.Address.GetAddressBytes() is [_, var high, var low, _] && (high * 256) + low is >= 600 and < 900)
            .Average(each => each.Value).ShouldBeGreaterThan(40);
    }

    [Fact]
    public void Completed_counts_once_and_stopped_removes()
    {
        var registry = Make();
        Ask(registry, Peer(1));
        Ask(registry, Peer(1, left: 0, AnnounceEvent.Completed));
        Ask(registry, Peer(1, left: 0, AnnounceEvent.Completed));
        Counts(registry).ShouldBe(new SwarmCounts(1, 1, 0));
        Ask(registry, Peer(2));
        Ask(registry, Peer(3));
        Ask(registry, Peer(1, left: 0, AnnounceEvent.Stopped)).ShouldBeEmpty();
        Counts(registry).ShouldBe(new SwarmCounts(0, 1, 2));
        Ask(registry, Peer(1, left: 0, AnnounceEvent.Stopped));
        Counts(registry).Leechers.ShouldBe(2, "a second good-bye changes nothing");
        Ask(registry, Peer(2)).ShouldBe([EndPoint(3)]);
    }

    [Fact]
    public void Silent_peers_are_forgotten_and_empty_swarms_too()
    {
        var registry = Make();
        Ask(registry, Peer(1));
        _clock.Advance(TimeSpan.FromMinutes(20));
        Ask(registry, Peer(2));
        _clock.Advance(TimeSpan.FromMinutes(13));
        Counts(registry).ShouldBe(new SwarmCounts(0, 0, 1));
        _clock.Advance(TimeSpan.FromMinutes(33));
        registry.Sweep();
        registry.List().ShouldBeEmpty();
        Ask(registry, Peer(2)).ShouldBeEmpty();
    }

    [Fact]
    public void Who_keeps_announcing_stays_and_a_call_sweeps_a_bounded_number()
    {
        var registry = Make(new SwarmRegistryOptions { MaxSwarms = 1 });
        for (var number = 1; number <= 100; number++)
        {
            Ask(registry, Peer(number));
        }

        for (var minute = 0; minute < 60; minute += 15)
        {
            _clock.Advance(TimeSpan.FromMinutes(15));
            Ask(registry, Peer(7));
        }

        Counts(registry).Leechers.ShouldBeInRange(1, 99);
        registry.Sweep();
        Counts(registry).Leechers.ShouldBe(1);
    }

    [Fact]
    public void Swarms_peers_and_answers_are_bounded()
    {
        var registry = Make(new SwarmRegistryOptions { MaxSwarms = 1, MaxPeersPerSwarm = 20, MaxPeersPerAnswer = 10, UsualPeersPerAnswer = 5 });
        for (var number = 1; number <= 30; number++)
        {
            Ask(registry, Peer(number));
        }

        Counts(registry).Leechers.ShouldBe(20);
        Ask(registry, Peer(31)).Count.ShouldBe(5);
        Ask(registry, Peer(31) with { PeersWanted = 1000 }).Count.ShouldBe(10);
        Ask(registry, Peer(31) with { PeersWanted = -1 }).Count.ShouldBe(5);
        Ask(registry, Peer(31) with { PeersWanted = 0 }).ShouldBeEmpty();
        Refusal(registry, Peer(1) with { InfoHash = default }).ShouldContain("full");
        var small = Make(new SwarmRegistryOptions { MaxSwarms = 1, MaxPeers = 2 });
        Ask(small, Peer(1));
        Ask(small, Peer(2));
        Ask(small, Peer(3)).Count.ShouldBe(1, "it took the place of one of two");
        Counts(small).Leechers.ShouldBe(2);
    }

    [Fact]
    public void A_swarm_of_one_lets_a_newcomer_in_when_all_places_are_taken()
    {
        var registry = Make(new SwarmRegistryOptions { MaxPeers = 1 });
        Ask(registry, Peer(1));
        Ask(registry, Peer(2));

        Counts(registry).Leechers.ShouldBe(1);
        Ask(registry, Peer(2, occasion: AnnounceEvent.Stopped));
        registry.TryCount(Hash, out _).ShouldBeFalse("the newcomer was in it, and has left");
    }

    [Theory]
    [InlineData("0.0.0.0", 1)]
    [InlineData("224.0.0.1", 1)]
    [InlineData("255.255.255.255", 1)]
    [InlineData("ff02::1", 1)]
    [InlineData("10.0.0.1", 0)]
    public void Peers_that_nobody_could_reach_are_refused(string address, int port) =>
        Refusal(Make(), Peer(1) with { EndPoint = new IPEndPoint(IPAddress.Parse(address), port) }).ShouldContain("connect");

    [Fact]
    public void Addresses_are_told_in_their_plain_form_and_loopback_only_to_itself()
    {
        var outside = IPAddress.Parse("192.0.2.1");
        var registry = Make(new SwarmRegistryOptions { LoopbackSeenAs = outside });
        Ask(registry, Peer(1) with { EndPoint = new IPEndPoint(IPAddress.Loopback, 5056) });
        Ask(registry, Peer(1) with { EndPoint = IPEndPoint.Parse("[::ffff:10.0.0.9]:7") });
        Ask(registry, Peer(2)).ShouldBe([new IPEndPoint(outside, 5056), IPEndPoint.Parse("10.0.0.9:7")], ignoreOrder: true);

        registry = Make();
        Ask(registry, Peer(1) with { EndPoint = new IPEndPoint(IPAddress.IPv6Loopback, 5056) });
        Ask(registry, Peer(1) with { EndPoint = new IPEndPoint(IPAddress.Parse("127.0.0.9"), 5056) });
        Ask(registry, Peer(2)).ShouldBeEmpty();
        Ask(registry, Peer(2) with { EndPoint = new IPEndPoint(IPAddress.Loopback, 9), SameFamilyOnly = true })
            .ShouldBe([IPEndPoint.Parse("10.0.0.2:6881"), IPEndPoint.Parse("127.0.0.9:5056")], ignoreOrder: true);
    }

    private static List<IPEndPoint> Ask(SwarmRegistry registry, TrackedAnnounce announce)
    {
        var peers = new TrackedPeer[200];
        var answer = registry.Announce(announce, peers);
        answer.Refusal.ShouldBeNull();
        return [.. peers.Take(answer.PeerCount).Select(peer => peer.EndPoint)];
    }

    private static string Refusal(SwarmRegistry registry, TrackedAnnounce announce) => registry.Announce(announce, []).Refusal!.Reason;

    private static SwarmCounts Counts(SwarmRegistry registry)
    {
        registry.TryCount(Hash, out var counts).ShouldBeTrue();
        return counts;
    }

    private SwarmRegistry Make(SwarmRegistryOptions? options = null) => new(options ?? new SwarmRegistryOptions(), _clock, new Random(1));

    private static IPEndPoint EndPoint(int number) => new(IPAddress.Parse($"10.0.0.{number}"), 6881);

    private static int Number(IPEndPoint endPoint) => endPoint.Address.GetAddressBytes()[3];

    private static TrackedAnnounce Peer(int number, long left = 1, AnnounceEvent occasion = AnnounceEvent.None) =>
        new(Hash, TrackerSamples.Peer, EndPoint(number), left, occasion, PeersWanted: null);
}
