using Pier.Fetch;
using Pier.Fetch.Ladder;

namespace Pier.UnitTests.Fetch.Ladder;

/// <summary>Each rule of the ladder by a picture of the moment; times in milliseconds since the start of the fetch.</summary>
public sealed class LadderRulesTests
{
    private static readonly FetchOptions Options = new() { AccessFolder = "unused" };
    private readonly LadderRules _rules = new(Options);

    [Fact]
    public void Members_are_asked_first() => Decide(At(0)).Action.ShouldBe(LadderAction.Search);

    [Fact]
    public void Nobody_claims_the_blob_so_the_upstream_is_asked_at_once() =>
        Decide(At(3) with { SearchAt = Ms(250) }).Action.ShouldBe(LadderAction.StartUpstream);

    [Fact]
    public void Silent_members_hold_the_upstream_up_for_200_ms()
    {
        var asking = At(150) with { SearchStarted = Ms(0) };
        Decide(asking).ShouldBe(new LadderStep(LadderAction.Wait, Ms(200)));
        Decide(asking with { Now = Ms(200) }).Action.ShouldBe(LadderAction.StartUpstream);
    }

    [Fact]
    public void A_claimed_blob_is_taken_from_the_peer() =>
        Decide(At(2) with { Candidates = 2, SearchAt = Ms(250) }).Action.ShouldBe(LadderAction.StartPeer);

    [Fact]
    public void A_holder_without_a_first_block_after_a_second_gets_the_upstream_beside_it()
    {
        var waiting = At(999) with { Peer = Leg(Rung.Peers, 5, null) };
        Decide(waiting).Action.ShouldBe(LadderAction.Wait);
        Decide(waiting with { Now = Ms(1000) }).Action.ShouldBe(LadderAction.StartUpstream);
    }

    [Fact]
    public void A_delivering_peer_keeps_the_upstream_away() =>
        Decide(At(900) with { Peer = Leg(Rung.Peers, 5, 880, 50_000_000) }).Action.ShouldBe(LadderAction.Wait);

    [Fact]
    public void The_upstream_loses_to_a_peer_that_delivers() =>
        Decide(At(400) with
        {
            Peer = Leg(Rung.Peers, 5, 390, 10_000_000),
            Upstream = Leg(Rung.Upstream, 200, 395, 10_000_000),
        }).Action.ShouldBe(LadderAction.YieldUpstream);

    [Fact]
    public void A_slow_peer_is_joined_by_the_upstream_and_loses_to_it()
    {
        var slow = At(6000) with { Peer = Leg(Rung.Peers, 0, 5990, 1000) };
        Decide(slow).Action.ShouldBe(LadderAction.StartUpstream);
        Decide(slow with { Upstream = Leg(Rung.Upstream, 5900, 5995, 5_000_000) }).Action.ShouldBe(LadderAction.YieldPeer);
    }

    [Theory]
    [InlineData(5000, null, 8000)]
    [InlineData(5000, 6000, 11000)]
    public void A_peer_that_stands_still_is_dropped(int started, int? progress, int due)
    {
        var leg = Leg(Rung.Peers, started, progress, 1e9);
        var view = At(due - 1) with { Peer = leg, UpstreamAt = null, PeersSince = Ms(started) };
        Decide(view).Action.ShouldBe(LadderAction.Wait);
        Decide(view with { Now = Ms(due) }).Action.ShouldBe(LadderAction.DropPeer);
    }

    [Fact]
    public void A_swarm_whose_piece_is_still_coming_is_not_dropped()
    {
        var leg = Leg(Rung.Peers, 0, null) with { LastSign = Ms(7500) };
        var view = At(12_499) with { Peer = leg, UpstreamAt = null };
        Decide(view).Action.ShouldBe(LadderAction.Wait);
        Decide(view with { Now = Ms(12_500) }).Action.ShouldBe(LadderAction.DropPeer);
    }

    [Theory]
    [InlineData(null, 256 << 10, 725_000)]
    [InlineData(50_000, 256 << 10, 775_000)]
    [InlineData(null, 4 << 20, 1_925_000)]
    public void A_swarm_of_which_blocks_come_for_ever_and_never_a_piece_is_dropped(int? progress, int pieceLength, int due)
    {
        var leg = Leg(Rung.Peers, 0, progress, 1e9) with { LastSign = Ms(due - 1) };
        var view = At(due - 1) with { Peer = leg, UpstreamAt = null, PieceLength = pieceLength };
        Decide(view).Action.ShouldBe(LadderAction.Wait);
        Decide(view with { Now = Ms(due) }).Action.ShouldBe(LadderAction.DropPeer);
    }

    [Theory]
    [InlineData(0, null, 10_000)]
    [InlineData(0, 2000, 7000)]
    public void An_upstream_that_stands_still_is_dropped(int started, int? progress, int due)
    {
        var view = At(due - 1) with { Upstream = Leg(Rung.Upstream, started, progress, 1e9), SearchAt = Ms(60_000), Accepted = true };
        Decide(view).Action.ShouldBe(LadderAction.Wait);
        Decide(view with { Now = Ms(due) }).Action.ShouldBe(LadderAction.DropUpstream);
    }

    [Fact]
    public void A_failed_upstream_is_tried_again_after_its_pause()
    {
        var view = At(1100) with { UpstreamAt = Ms(1250), UpstreamFailures = 1, SearchAt = Ms(2000) };
        Decide(view).ShouldBe(new LadderStep(LadderAction.Wait, Ms(1250)));
        Decide(view with { Now = Ms(1250) }).Action.ShouldBe(LadderAction.StartUpstream);
    }

    [Fact]
    public void One_slow_try_of_the_upstream_is_no_verdict_and_all_of_them_together_are_bounded()
    {
        var view = At(10_000) with { UpstreamAt = Ms(10_250), UpstreamFailures = 1, SearchAt = Ms(60_000) };
        Decide(view).ShouldBe(new LadderStep(LadderAction.Wait, Ms(10_250)));
        Decide(view with { Now = Ms(10_250) }).Action.ShouldBe(LadderAction.StartUpstream);
        Decide(view with { Now = Ms(20_250), UpstreamAt = Ms(20_500), UpstreamFailures = 2 }).Action.ShouldBe(LadderAction.GiveUp);
        Decide(view with { UpstreamFailures = 0 }).Action.ShouldBe(LadderAction.GiveUp, "nobody could be asked");
    }

    [Theory]
    [InlineData(10_000, 0)]
    [InlineData(20_010, 0)]
    [InlineData(30_000, 0)]
    [InlineData(60_010, 60_000)]
    public void However_late_the_first_try_of_the_upstream_fails_there_is_a_second(int now, int firstByte)
    {
        var view = At(now) with
        {
            UpstreamAt = Ms(now + 250), UpstreamFailures = 1, SearchAt = Ms(90_000), RegistryPatience = new LegPatience(Ms(firstByte), default),
        };
        Decide(view).ShouldBe(new LadderStep(LadderAction.Wait, Ms(now + 250)));
        Decide(view with { Now = Ms(now + 250) }).Action.ShouldBe(LadderAction.StartUpstream);
    }

    [Fact]
    public void Who_was_followed_in_vain_is_a_try_too()
    {
        var view = At(10_020) with { UpstreamAt = Ms(10_250), FollowFailures = 1, SearchAt = Ms(60_000) };
        Decide(view).ShouldBe(new LadderStep(LadderAction.Wait, Ms(10_250)));
        Decide(view with { Now = Ms(10_250) }).Action.ShouldBe(LadderAction.StartUpstream);
    }

    [Theory]
    [InlineData(0, 0, 20_000)]
    [InlineData(0, 60_000, 120_000)]
    [InlineData(15_000, 0, 35_000)]
    public void Members_to_follow_that_break_off_are_tried_for_as_long_as_the_upstream_would_be(int since, int firstByte, int due)
    {
        var view = At(due - 1) with
        {
            UpstreamAt = Ms(due + 250), FollowFailures = 7, SearchAt = Ms(150_000), OpenSince = Ms(since), RegistryPatience = new LegPatience(Ms(firstByte), default),
        };
        Decide(view).ShouldBe(new LadderStep(LadderAction.Wait, Ms(due)));
        Decide(view with { Now = Ms(due) }).Action.ShouldBe(LadderAction.GiveUp);
        Decide(view with { Now = Ms(due), Upstream = Leg(Rung.Upstream, due - 5000, null) }).Action.ShouldBe(LadderAction.Wait, "it has patience left");
    }

    [Theory]
    [InlineData(null, 60_000)]
    [InlineData(6000, 36_000)]
    public void A_registry_that_may_take_longer_is_given_its_time(int? progress, int due)
    {
        var leg = Leg(Rung.Upstream, 0, progress, 1e9) with { Patience = new LegPatience(Ms(60_000), Ms(30_000)) };
        var view = At(due - 1) with { Upstream = leg, SearchAt = Ms(90_000) };
        Decide(view).Action.ShouldBe(LadderAction.Wait);
        Decide(view with { Now = Ms(due) }).Action.ShouldBe(LadderAction.DropUpstream);
    }

    [Fact]
    public void An_upstream_that_says_no_for_good_ends_a_blob_that_nobody_accepted() =>
        Decide(At(30) with { UpstreamAt = null, SearchAt = Ms(250) }).Action.ShouldBe(LadderAction.GiveUp);

    [Fact]
    public void Two_failed_tries_end_a_blob_that_nobody_accepted() =>
        Decide(At(300) with { UpstreamAt = Ms(800), UpstreamFailures = 2, SearchAt = Ms(500) }).Action.ShouldBe(LadderAction.GiveUp);

    [Fact]
    public void A_body_that_is_being_sent_is_given_a_minute_of_trying()
    {
        var view = At(64_999) with { Accepted = true, LastProgress = Ms(5000), UpstreamAt = Ms(66_000), UpstreamFailures = 9, SearchAt = Ms(66_000) };
        Decide(view).Action.ShouldBe(LadderAction.Wait);
        Decide(view with { Now = Ms(65_000) }).Action.ShouldBe(LadderAction.GiveUp);
    }

    [Theory]
    [InlineData(5000, 1000, 65_000)]
    [InlineData(5000, 100_000, 160_000)]
    [InlineData(5000, 725_000, 785_000)]
    [InlineData(5000, 784_000, 785_000)]
    public void A_body_of_which_blocks_came_is_given_its_minute_after_the_last_of_them_and_no_more_than_a_piece_takes(int progress, int sign, int due)
    {
        var view = At(due - 1) with
        {
            Accepted = true, LastProgress = Ms(progress), LastSign = Ms(sign), PieceLength = 256 << 10, UpstreamAt = null, SearchAt = Ms(900_000),
        };
        Decide(view).ShouldBe(new LadderStep(LadderAction.Wait, Ms(due)));
        Decide(view with { Now = Ms(due) }).Action.ShouldBe(LadderAction.GiveUp);
    }

    [Fact]
    public void A_body_of_a_registry_that_may_pause_for_long_is_given_as_much_time_after_that()
    {
        var view = At(95_000) with
        {
            Accepted = true, LastProgress = Ms(5000), UpstreamAt = Ms(95_250), SearchAt = Ms(200_000), RegistryPatience = new LegPatience(default, Ms(90_000)),
        };
        Decide(view).ShouldBe(new LadderStep(LadderAction.Wait, Ms(95_250)));
        Decide(view with { Now = Ms(149_999), UpstreamAt = Ms(151_000) }).ShouldBe(new LadderStep(LadderAction.Wait, Ms(150_000)));
        Decide(view with { Now = Ms(150_000), UpstreamAt = Ms(151_000) }).Action.ShouldBe(LadderAction.GiveUp);
    }

    [Fact]
    public void A_body_that_was_promised_late_is_tried_again_when_it_breaks_before_its_first_byte()
    {
        var view = At(65_000) with
        {
            Accepted = true, UpstreamAt = Ms(65_250), UpstreamFailures = 1, SearchAt = Ms(200_000), RegistryPatience = new LegPatience(Ms(120_000), default),
        };
        Decide(view).ShouldBe(new LadderStep(LadderAction.Wait, Ms(65_250)));
        Decide(view with { Now = Ms(170_000), UpstreamAt = Ms(171_000) }).Action.ShouldBe(LadderAction.GiveUp);
    }

    [Fact]
    public void Members_are_not_asked_while_the_upstream_delivers() =>
        Decide(At(5000) with { Upstream = Leg(Rung.Upstream, 10, 4990, 1e6), Accepted = true }).Action.ShouldBe(LadderAction.Wait);

    [Fact]
    public void Strangers_are_looked_for_when_members_have_none_and_there_is_no_upstream()
    {
        var alone = At(30) with { UpstreamAt = null, SearchAt = Ms(250), MayMeet = true };
        Decide(alone).Action.ShouldBe(LadderAction.Meet);
        Decide(alone with { MayMeet = false, MeetingSince = Ms(30), Strangers = 1 }).Action.ShouldBe(LadderAction.StartStranger);
        Decide(alone with { MayMeet = false, MeetingSince = Ms(30) }).ShouldBe(new LadderStep(LadderAction.Wait, Ms(250)));
        Decide(alone with { MayMeet = false, MeetingSince = Ms(30), Now = Ms(10_030), SearchAt = Ms(11_000) }).Action.ShouldBe(LadderAction.GiveUp);
    }

    [Fact]
    public void Strangers_are_not_looked_for_before_the_upstream_has_failed()
    {
        Decide(At(3) with { SearchAt = Ms(250), MayMeet = true }).Action.ShouldBe(LadderAction.StartUpstream);
        var paused = At(30) with { SearchAt = Ms(250), UpstreamAt = Ms(280), UpstreamFailures = 1, MayMeet = true };
        Decide(paused).Action.ShouldBe(LadderAction.Meet);
    }

    [Fact]
    public void Strangers_never_hold_up_the_upstream_and_lose_to_it()
    {
        var fast = At(900) with { Peer = Leg(Rung.Strangers, 5, 880, 50_000_000), SearchAt = Ms(2000) };
        Decide(fast).Action.ShouldBe(LadderAction.StartUpstream);
        Decide(fast with { Upstream = Leg(Rung.Upstream, 850, 890, 1000) }).Action.ShouldBe(LadderAction.YieldPeer);
    }

    [Fact]
    public void A_stranger_that_was_put_back_is_left_alone_for_a_while()
    {
        var back = At(3000) with { UpstreamAt = null, SearchAt = Ms(9000), MeetingSince = Ms(30), Strangers = 1, StrangersAt = Ms(3250) };
        Decide(back).ShouldBe(new LadderStep(LadderAction.Wait, Ms(3250)));
        Decide(back with { Now = Ms(3250) }).Action.ShouldBe(LadderAction.StartStranger);
    }

    [Fact]
    public void A_leg_that_was_told_to_end_is_waited_for_and_replaced_by_the_upstream()
    {
        var ending = At(9000) with { Peer = Leg(Rung.Peers, 0, 20, 1e9) with { IsStopping = true }, UpstreamAt = null };
        Decide(ending).Action.ShouldBe(LadderAction.Wait);
        Decide(ending with { UpstreamAt = Ms(0) }).Action.ShouldBe(LadderAction.StartUpstream);
    }

    private LadderStep Decide(LadderView view) => _rules.Decide(view);

    private static LadderView At(int now) => new() { Now = Ms(now), UpstreamAt = TimeSpan.Zero };

    private static LegView Leg(Rung rung, int started, int? progress, double rate = 0) =>
        new(rung, Ms(started), progress is { } at ? Ms(at) : null, rate);

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
