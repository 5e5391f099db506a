using System.Net;
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
        registry.Announce(Peer(1)).Peers.ShouldBeEmpty();
        registry.Announce(Peer(2)).Peers.Select(peer => peer.EndPoint).ShouldBe([EndPoint(1)]);
        var answer = registry.Announce(Peer(1, left: 0));
        answer.Peers.Select(peer => peer.EndPoint).ShouldBe([EndPoint(2)]);
        answer.Counts.ShouldBe(new SwarmCounts(Seeders: 1, Completed: 0, Leechers: 1));
        answer.Interval.ShouldBe(TimeSpan.FromMinutes(15));
    }

    [Fact]
    public void A_seed_is_not_told_of_seeds()
    {
        var registry = Make();
        registry.Announce(Peer(1, left: 0));
        registry.Announce(Peer(2));
        registry.Announce(Peer(3, left: 0)).Peers.Select(peer => peer.EndPoint).ShouldBe([EndPoint(2)]);
    }

    [Fact]
    public void Completed_counts_once_and_stopped_removes()
    {
        var registry = Make();
        registry.Announce(Peer(1));
        registry.Announce(Peer(1, left: 0, AnnounceEvent.Completed));
        registry.Announce(Peer(1, left: 0, AnnounceEvent.Completed)).Counts.ShouldBe(new SwarmCounts(1, 1, 0));
        registry.Announce(Peer(2));
        registry.Announce(Peer(3));
        var gone = registry.Announce(Peer(1, left: 0, AnnounceEvent.Stopped));
        gone.Peers.ShouldBeEmpty();
        gone.Counts.ShouldBe(new SwarmCounts(0, 1, 2));
        registry.Announce(Peer(1, left: 0, AnnounceEvent.Stopped)).Counts.Leechers.ShouldBe(2, "a second good-bye changes nothing");
        registry.Announce(Peer(2)).Peers.Select(peer => peer.EndPoint).ShouldBe([EndPoint(3)]);
    }

    [Fact]
    public void Silent_peers_are_forgotten_and_empty_strangers_too()
    {
        var registry = Make(new SwarmRegistryOptions { KnownOnly = false });
        registry.Register(InfoHash.OfInfo("known"u8));
        registry.Announce(Peer(1));
        _clock.Advance(TimeSpan.FromMinutes(20));
        registry.Announce(Peer(2));
        _clock.Advance(TimeSpan.FromMinutes(13));
        registry.Scrape([Hash])[Hash].ShouldBe(new SwarmCounts(0, 0, 1));
        _clock.Advance(TimeSpan.FromMinutes(33));
        registry.Scrape([Hash]).ShouldBeEmpty();
        registry.SwarmCount.ShouldBe(1, "a registered swarm stays");
    }

    [Fact]
    public void Only_known_swarms_are_tracked_when_asked_so()
    {
        var registry = Make(new SwarmRegistryOptions());
        registry.Announce(Peer(1)).Refusal!.ShouldContain("does not know");
        registry.Register(Hash);
        registry.Register(Hash);
        registry.Announce(Peer(1)).Refusal.ShouldBeNull();
        registry.Unregister(Hash);
        registry.Announce(Peer(1)).Refusal!.ShouldContain("does not know");
        registry.SwarmCount.ShouldBe(0);
    }

    [Fact]
    public void Swarms_peers_and_answers_are_bounded()
    {
        var registry = Make(new SwarmRegistryOptions { KnownOnly = false, MaxSwarms = 1, MaxPeersPerSwarm = 20, MaxPeersPerAnswer = 10, UsualPeersPerAnswer = 5 });
        for (var number = 1; number <= 30; number++)
        {
            registry.Announce(Peer(number));
        }

        registry.Scrape([Hash])[Hash].Leechers.ShouldBe(20);
        registry.Announce(Peer(31)).Peers.Count.ShouldBe(5);
        registry.Announce(Peer(31) with { PeersWanted = 1000 }).Peers.Count.ShouldBe(10);
        registry.Announce(Peer(31) with { PeersWanted = -1 }).Peers.Count.ShouldBe(5);
        registry.Announce(Peer(31) with { PeersWanted = 0 }).Peers.ShouldBeEmpty();
        registry.Announce(Peer(1) with { InfoHash = default }).Refusal!.ShouldContain("full");
        registry.Register(default);
        registry.Scrape(Enumerable.Repeat(Hash, 100)).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("0.0.0.0", 1)]
    [InlineData("224.0.0.1", 1)]
    [InlineData("255.255.255.255", 1)]
    [InlineData("ff02::1", 1)]
    [InlineData("10.0.0.1", 0)]
    public void Peers_that_nobody_could_reach_are_refused(string address, int port) =>
        Make().Announce(Peer(1) with { EndPoint = new IPEndPoint(IPAddress.Parse(address), port) }).Refusal!.ShouldContain("connect");

    [Fact]
    public void Addresses_are_told_in_their_plain_form()
    {
        var outside = IPAddress.Parse("192.0.2.1");
        var registry = Make(new SwarmRegistryOptions { KnownOnly = false, LoopbackSeenAs = outside });
        registry.Announce(Peer(1) with { EndPoint = new IPEndPoint(IPAddress.Loopback, 5056) });
        registry.Announce(Peer(1) with { EndPoint = IPEndPoint.Parse("[::ffff:10.0.0.9]:7") });
        registry.Announce(Peer(2)).Peers.Select(peer => peer.EndPoint)
            .ShouldBe([new IPEndPoint(outside, 5056), IPEndPoint.Parse("10.0.0.9:7")], ignoreOrder: true);
    }

    private SwarmRegistry Make(SwarmRegistryOptions? options = null) =>
        new(options ?? new SwarmRegistryOptions { KnownOnly = false }, _clock, new Random(1));

    private static IPEndPoint EndPoint(int number) => new(IPAddress.Parse($"10.0.0.{number}"), 6881);

    private static TrackedAnnounce Peer(int number, long left = 1, AnnounceEvent occasion = AnnounceEvent.None) =>
        new(Hash, TrackerSamples.Peer, EndPoint(number), left, occasion, PeersWanted: null);
}
