using Pier.BitTorrent.Choking;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Choking;

/// <summary>Who is served, on a clock moved by hand.</summary>
public sealed class ChokerTests
{
    // Peers are told apart by reference, as sessions are.
    private static readonly string[] Keys = ["0", "1", "2", "3", "4", "5", "6", "7"];

    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void The_best_givers_are_served_and_one_at_random()
    {
        var choker = Choker();
        choker.Decide(Peers(8), seeding: false);
        choker.Unchoked.Count.ShouldBe(5);
        choker.Unchoked.ShouldBeSubsetOf(["0", "1", "2", "3", choker.Optimistic!]);
        choker.Optimistic.ShouldBeOneOf("4", "5", "6", "7");
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    [InlineData(3, 4)]
    [InlineData(4, 5)]
    [InlineData(1000, 5)]
    public void Who_has_few_pieces_serves_few_peers_and_one_at_random(int pieces, int served)
    {
        var choker = Choker();
        choker.Hold(pieces);
        choker.Decide(Peers(8), seeding: false);
        choker.Unchoked.Count.ShouldBe(served);
        choker.HasRoom.ShouldBeFalse();
        choker.Hold(pieces + 1).ShouldBe(pieces is 1 or 3);
        choker.HasRoom.ShouldBe(pieces is 1 or 3);
    }

    [Fact]
    public void A_seed_serves_who_takes_most()
    {
        var choker = Choker();
        var peers = Peers(6).Select(peer => peer with { UploadRate = -peer.DownloadRate + 100 }).ToArray();
        choker.Decide(peers, seeding: true);
        choker.Unchoked.ShouldContain("5");
        choker.Unchoked.ShouldContain("2");
    }

    [Fact]
    public void Who_wants_nothing_or_snubs_us_is_not_served()
    {
        var choker = Choker();
        var peers = Peers(4);
        peers[0] = peers[0] with { IsInterested = false };
        peers[1] = peers[1] with { IsSnubbing = true };
        choker.Decide(peers, seeding: false);
        choker.Unchoked.ShouldNotContain("0");
        choker.Optimistic.ShouldBe("1");
    }

    [Fact]
    public void A_decision_is_due_every_ten_seconds()
    {
        var choker = Choker();
        choker.IsDue.ShouldBeTrue();
        choker.Decide([], seeding: false);
        choker.IsDue.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(9.9));
        choker.IsDue.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        choker.IsDue.ShouldBeTrue();
    }

    [Fact]
    public void The_random_one_keeps_its_place_for_thirty_seconds_and_then_another_has_it()
    {
        var choker = Choker();
        choker.Decide(Peers(8), seeding: false);
        var first = choker.Optimistic;
        for (var round = 0; round < 2; round++)
        {
            _clock.Advance(TimeSpan.FromSeconds(10));
            choker.Decide(Peers(8), seeding: false);
            choker.Optimistic.ShouldBe(first);
        }

        _clock.Advance(TimeSpan.FromSeconds(10));
        choker.Decide(Peers(8), seeding: false);
        choker.Optimistic.ShouldNotBe(first);
    }

    [Fact]
    public void The_random_one_makes_room_once_it_has_something_to_trade()
    {
        var choker = Choker();
        var peers = Peers(8);
        choker.Decide(peers, seeding: false);
        var first = Array.FindIndex(peers, peer => Equals(peer.Key, choker.Optimistic));
        peers[first] = peers[first] with { Uploaded = Pier.BitTorrent.Choking.Choker.Introduction - 1 };
        choker.TryRotate(peers).ShouldBeFalse();
        peers[first] = peers[first] with { Uploaded = Pier.BitTorrent.Choking.Choker.Introduction };
        choker.TryRotate(peers).ShouldBeTrue();

        choker.Optimistic.ShouldNotBe(peers[first].Key);
        choker.Unchoked.Count.ShouldBe(5);
        choker.Unchoked.ShouldNotContain(peers[first].Key);
    }

    [Fact]
    public void Nobody_else_to_serve_leaves_the_random_one_its_place()
    {
        var choker = Choker();
        var peers = Peers(5);
        choker.Decide(peers, seeding: false);
        peers[4] = peers[4] with { Uploaded = 100 << 20 };
        choker.TryRotate(peers).ShouldBeFalse();
        choker.Unchoked.Count.ShouldBe(5);
    }

    [Fact]
    public void Who_has_least_is_the_likeliest_to_be_served_at_random()
    {
        var poorest = 0;
        for (var seed = 0; seed < 400; seed++)
        {
            var choker = new Choker(4, new Random(seed), _clock);
            var peers = Peers(8).Select((peer, index) => peer with { Pieces = 100 - index }).ToArray();
            choker.Decide(peers, seeding: false);
            poorest += Equals(choker.Optimistic, "7") ? 1 : 0;
        }

        poorest.ShouldBeInRange(200, 270, "of four, three are drawn: 1 - (3/4)^3 of the times it is among them");
    }

    [Fact]
    public void Newcomers_have_three_tickets()
    {
        var newcomer = 0;
        for (var seed = 0; seed < 400; seed++)
        {
            var choker = new Choker(4, new Random(seed), _clock);
            var peers = Peers(6);
            peers[5] = peers[5] with { ConnectedFor = TimeSpan.FromSeconds(5) };
            choker.Decide(peers, seeding: false);
            newcomer += Equals(choker.Optimistic, "5") ? 1 : 0;
        }

        newcomer.ShouldBeInRange(260, 340);
    }

    [Fact]
    public void A_free_slot_is_given_at_once_and_a_leaver_frees_his()
    {
        var choker = Choker();
        choker.TryAdmit("a").ShouldBeTrue();
        choker.TryAdmit("a").ShouldBeFalse();
        foreach (var peer in new[] { "b", "c", "d", "e" })
        {
            choker.TryAdmit(peer).ShouldBeTrue();
        }

        choker.TryAdmit("f").ShouldBeFalse();
        choker.Remove("a");
        choker.TryAdmit("f").ShouldBeTrue();
    }

    private Choker Choker() => new(slots: 1, new Random(1), _clock);

    private static ChokeCandidate[] Peers(int count) =>
    [
        .. Enumerable.Range(0, count).Select(rank => new ChokeCandidate(
            Keys[rank], IsInterested: true, IsSnubbing: false, 100 - rank, 0, TimeSpan.FromMinutes(5), Uploaded: 0, Pieces: 0)),
    ];
}
