using Pier.Simulation.Network;
using Pier.Simulation.Results;
using Pier.Simulation.Scenarios;

namespace Pier.UnitTests.BitTorrent.Simulation;

/// <summary>The engine's own loop, picker, choker and tracker on a simulated network.</summary>
public sealed class ScenarioTests
{
    /// <summary>The holder of the turn is connected to every member: only it can vouch.</summary>
    private static Scenario Provisional { get; } = SmallSwarms.Flash with
    {
        Upstream = 12.5e6,
        IsProvisional = true,
        Network = SmallSwarms.Flash.Network with { MaxConnections = 60 },
    };

    [Fact]
    public void A_flash_crowd_feeds_itself_and_the_origin_sends_little_more_than_one_copy()
    {
        var result = SmallSwarms.Play(SmallSwarms.Flash);
        result.P99OverCap.ShouldBeInRange(1, 2.2, ResultTable.Line(result));
        result.OriginShare.ShouldBeInRange(1, 2, ResultTable.Line(result));
        result.ControlShare.ShouldBeInRange(0.0001, 0.02);
        result.WasteShare.ShouldBeLessThan(0.05);
    }

    [Fact]
    public void The_same_seed_gives_the_same_run_and_another_seed_another()
    {
        var first = SmallSwarms.Play(SmallSwarms.Flash);
        var again = SmallSwarms.Play(SmallSwarms.Flash);
        again.Seconds.ShouldBe(first.Seconds);
        again.Events.ShouldBe(first.Events);
        SmallSwarms.Play(SmallSwarms.Flash with { Network = SmallSwarms.Flash.Network with { Seed = 8 } }).Seconds.ShouldNotBe(first.Seconds);
    }

    [Fact]
    public void A_picker_that_goes_in_order_makes_the_figures_worse()
    {
        var good = SmallSwarms.Play(SmallSwarms.Flash);
        var broken = SmallSwarms.Play(SmallSwarms.Flash with { Network = SmallSwarms.Flash.Network with { PicksInOrder = true } });
        broken.OriginShare.ShouldBeGreaterThan(good.OriginShare * 1.1);
        broken.P99OverCap.ShouldBeGreaterThan(good.P99OverCap * 1.1);
    }

    [Fact]
    public void A_seed_of_another_kind_that_suggests_one_piece_at_a_time_is_kept_busy()
    {
        var alone = SmallSwarms.Flash with { Nodes = 1, Network = SmallSwarms.Flash.Network with { BlockSize = 16 << 10, Latency = TimeSpan.FromMilliseconds(50) } };
        var result = SmallSwarms.Play(alone with { SuggestsSingly = true });
        (result.Last / SmallSwarms.Play(alone).Last).ShouldBeLessThan(1.05, ResultTable.Line(result));
    }

    [Fact]
    public void A_cold_upstream_sends_little_more_than_one_copy()
    {
        var result = SmallSwarms.Play(SmallSwarms.Flash with { Upstream = 12.5e6 });
        result.OriginShare.ShouldBeInRange(0.95, 1.3, ResultTable.Line(result));
        result.P99OverCap.ShouldBeLessThan(2.5, ResultTable.Line(result));
    }

    [Fact]
    public void Eight_hosts_on_equal_lines_are_fed_from_one_copy()
    {
        var result = SmallSwarms.Play(Catalogue.Eight);
        (result.Last / Catalogue.Eight.CapSeconds).ShouldBeInRange(1, 1.15, ResultTable.Line(result));
        result.OriginShare.ShouldBeInRange(1, 1.15, ResultTable.Line(result));
        var cold = SmallSwarms.Play(Catalogue.EightCold);
        (cold.Last / Catalogue.Eight.CapSeconds).ShouldBeInRange(1, 1.35, ResultTable.Line(cold));
        cold.OriginShare.ShouldBe(1);
    }

    [Fact]
    public void At_a_hundred_nodes_large_blocks_tell_what_small_ones_do()
    {
        var scenario = SmallSwarms.Flash with { Nodes = 100, Sizes = [128 << 20], Network = new NetworkPlan { BlockSize = 16 << 10 } };
        var fine = SmallSwarms.Play(scenario);
        var coarse = SmallSwarms.Play(scenario with { Network = new NetworkPlan { BlockSize = 256 << 10 } });
        foreach (var share in new[] { 0.5, 0.99 })
        {
            (coarse.Percentile(share) / fine.Percentile(share)).ShouldBeInRange(0.95, 1.05, $"{ResultTable.Line(fine)}\n{ResultTable.Line(coarse)}");
        }
    }

    [Fact]
    public void Nobody_is_left_behind_in_a_crowd()
    {
        var result = SmallSwarms.Play(SmallSwarms.Flash);
        (result.Last / result.Percentile(0.5)).ShouldBeLessThan(1.15, ResultTable.Line(result));
    }

    [Fact]
    public void A_crowd_larger_than_the_tracker_remembers_leaves_nobody_behind()
    {
        // A tracker that told only of the first fifteen took the others four times the cap's time, and the last eight times.
        var network = new NetworkPlan { BlockSize = 256 << 10, Latency = TimeSpan.FromMilliseconds(100), MaxConnections = 12, TrackedPeers = 15 };
        var result = SmallSwarms.Play(SmallSwarms.Flash with { Nodes = 80, Network = network });
        (result.Percentile(0.5) / result.Scenario.CapSeconds).ShouldBeLessThan(3, ResultTable.Line(result));
        (result.Last / result.Scenario.CapSeconds).ShouldBeLessThan(4, ResultTable.Line(result));
    }

    [Fact]
    public void A_cold_upstream_is_read_once_and_its_pieces_go_on_from_member_to_member_while_they_come()
    {
        // The upstream is as fast as a link: nobody can be done before it is, and all are soon after.
        var scenario = Provisional;

        var result = SmallSwarms.Play(scenario);

        result.OriginShare.ShouldBe(1, 0.001, ResultTable.Line(result));
        result.P99OverCap.ShouldBeInRange(1, 1.6, ResultTable.Line(result));
        result.Percentile(0.99).ShouldBeLessThan(1.5 * result.Percentile(0.01), ResultTable.Line(result));
    }

    [Fact]
    public void Members_that_are_lost_while_a_cold_blob_comes_hold_nobody_up()
    {
        var result = SmallSwarms.Play(Provisional with { LossPerMinute = 0.5, LosesHolders = false });
        result.LostUnfinished.ShouldBeGreaterThan(0);
        result.P99OverCap.ShouldBeLessThan(3, ResultTable.Line(result));
    }

    [Fact]
    public void Who_comes_later_finds_more_to_take_from()
    {
        var result = SmallSwarms.Play(SmallSwarms.Flash with { ArrivalSpan = TimeSpan.FromSeconds(20) });
        result.Percentile(0.5).ShouldBeLessThan(SmallSwarms.Play(SmallSwarms.Flash).Percentile(0.5));
    }

    [Fact]
    public void Nodes_are_lost_and_the_others_finish()
    {
        var result = SmallSwarms.Play(SmallSwarms.Flash with { LossPerMinute = 1 });
        result.LostUnfinished.ShouldBeGreaterThan(0);
        result.P99OverCap.ShouldBeLessThan(6, ResultTable.Line(result));
    }

    [Fact]
    public void One_slow_uplink_holds_nobody_up()
    {
        var usual = SmallSwarms.Play(SmallSwarms.Flash);
        var slow = SmallSwarms.Play(SmallSwarms.Flash with { SlowUplink = 0.1e6 });
        slow.Percentile(0.5).ShouldBeLessThan(usual.Percentile(0.5) * 1.5);
    }

    [Fact]
    public void Liars_are_found_out_and_everyone_finishes()
    {
        var result = SmallSwarms.Play(SmallSwarms.Flash with { Liars = 0.1 });
        result.BadPieces.ShouldBeGreaterThan(0);
        result.Bans.ShouldBeGreaterThan(0);
        result.WrongBans.ShouldBe(0, "only liars are banned");
    }

    [Fact]
    public void A_cut_network_finishes_once_it_is_whole()
    {
        var heals = TimeSpan.FromSeconds(30);
        var result = SmallSwarms.Play(SmallSwarms.Flash with { CutAt = TimeSpan.FromSeconds(1), HealsAt = heals });
        result.Last.ShouldBeInRange(heals.TotalSeconds, heals.TotalSeconds + 40, ResultTable.Line(result));
    }

    [Fact]
    public void A_latency_below_a_millisecond_is_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => SmallSwarms.Play(
            SmallSwarms.Flash with { Network = new NetworkPlan { Latency = TimeSpan.FromTicks(1) } }));
}
