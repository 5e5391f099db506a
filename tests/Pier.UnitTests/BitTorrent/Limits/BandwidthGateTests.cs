using Pier.BitTorrent.Limits;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Limits;

public sealed class BandwidthGateTests
{
    private const long MB = 1_000_000;

    [Theory]
    [InlineData(20_000, 20)]
    [InlineData(2_500_000, 10)]
    [InlineData(100_000_000, 5)]
    public void A_rate_is_kept_exactly(long rate, int seconds)
    {
        using var traffic = new GatedTraffic(world: rate);
        var torrent = traffic.Torrent();
        GatedTraffic.Connection[] connections = [.. Enumerable.Range(0, 7).Select(_ => traffic.Connect(torrent))];
        traffic.Run(1);
        var before = connections.Sum(connection => connection.Passed);
        traffic.Run(seconds);
        var passed = connections.Sum(connection => connection.Passed) - before;
        ((double)passed / seconds / rate).ShouldBe(1, tolerance: 0.05);
    }

    [Fact]
    public void At_the_start_no_more_passes_than_a_quarter_of_a_second_may_hold()
    {
        using var traffic = new GatedTraffic(all: MB);
        var connection = traffic.Connect(traffic.Torrent());
        traffic.Clock.Advance(TimeSpan.FromHours(1));
        connection.Send();
        connection.Passed.ShouldBeInRange(MB / 4, MB / 4 + MB / 32 + 1);
        connection.IsWaiting.ShouldBeTrue();
    }

    [Fact]
    public void Torrents_share_equally_however_many_connections_they_have()
    {
        using var traffic = new GatedTraffic(world: MB);
        var (many, one) = (traffic.Torrent(), traffic.Torrent());
        GatedTraffic.Connection[] crowd = [.. Enumerable.Range(0, 20).Select(_ => traffic.Connect(many))];
        var single = traffic.Connect(one);
        traffic.Run(1);
        var before = single.Passed;
        long[] begun = [.. crowd.Select(connection => connection.Passed)];
        traffic.Run(20);
        long[] passed = [.. crowd.Select((connection, place) => connection.Passed - begun[place])];
        ((double)(single.Passed - before) / passed.Sum()).ShouldBe(1, tolerance: 0.05);
        passed.Max().ShouldBeLessThanOrEqualTo(passed.Min() + 64_000);
    }

    [Fact]
    public void Who_comes_later_gets_its_part_at_once_and_no_arrears()
    {
        using var traffic = new GatedTraffic(world: MB);
        var old = traffic.Connect(traffic.Torrent());
        traffic.Run(30);
        var before = old.Passed;
        var late = traffic.Connect(traffic.Torrent());
        traffic.Run(10);
        ((double)late.Passed / (old.Passed - before)).ShouldBe(1, tolerance: 0.05);
    }

    [Fact]
    public void A_class_without_limit_never_waits_for_one_that_has_used_up_its_own()
    {
        using var traffic = new GatedTraffic(world: 50_000, subnet: MB);
        var torrent = traffic.Torrent();
        var world = traffic.Connect(torrent);
        var subnet = traffic.Connect(torrent, PeerClass.SameSubnet);
        var host = traffic.Connect(torrent, PeerClass.SameHost);
        traffic.Run(10);
        ((double)world.Passed / 10 / 50_000).ShouldBe(1, tolerance: 0.1);
        ((double)subnet.Passed / 10 / MB).ShouldBe(1, tolerance: 0.05);
        host.IsWaiting.ShouldBeFalse();
        host.Passed.ShouldBeGreaterThan(100 * MB);
    }

    [Fact]
    public void Under_one_limit_for_all_the_classes_share_equally()
    {
        using var traffic = new GatedTraffic(all: MB);
        var torrent = traffic.Torrent();
        var world = traffic.Connect(torrent);
        var cluster = traffic.Connect(torrent, PeerClass.Cluster);
        traffic.Connect(torrent);
        traffic.Run(10);
        ((double)cluster.Passed / 10 / MB).ShouldBe(0.5, tolerance: 0.05);
        ((double)world.Passed / 10 / MB).ShouldBe(0.25, tolerance: 0.05);
    }

    [Fact]
    public void The_strictest_of_engine_class_and_torrent_decides_and_the_rest_goes_to_others()
    {
        using var traffic = new GatedTraffic(all: 2 * MB, world: MB);
        var (slow, free) = (traffic.Torrent(), traffic.Torrent());
        slow.SetRate(100_000);
        var limited = traffic.Connect(slow);
        var world = traffic.Connect(free);
        var near = traffic.Connect(free, PeerClass.SameHost);
        traffic.Run(20);
        ((double)limited.Passed / 20 / 100_000).ShouldBe(1, tolerance: 0.06);
        ((double)world.Passed / 20 / MB).ShouldBe(0.9, tolerance: 0.05);
        ((double)near.Passed / 20 / MB).ShouldBe(1, tolerance: 0.05);
    }

    [Fact]
    public void The_foreground_gets_nineteen_parts_and_all_while_it_is_alone()
    {
        using var traffic = new GatedTraffic(all: MB);
        GatedTraffic.Connection[] background = [.. Enumerable.Range(0, 10).Select(_ => traffic.Connect(traffic.Torrent()))];
        traffic.Run(20);
        background.Sum(connection => connection.Passed).ShouldBeGreaterThan(19 * MB, "nobody else wants it");

        var before = background.Sum(connection => connection.Passed);
        var waited = traffic.Torrent(foreground: true);
        var client = traffic.Connect(waited);
        traffic.Run(20);
        var part = (double)client.Passed / (client.Passed + background.Sum(connection => connection.Passed) - before);
        part.ShouldBe(0.95, tolerance: 0.03);
        background.ShouldAllBe(connection => connection.Passed > before / 20);

        before = background.Sum(connection => connection.Passed);
        var served = client.Passed;
        waited.IsForeground = false;
        traffic.Run(20);
        ((client.Passed - served) / 20.0 / MB).ShouldBe(1.0 / 11, tolerance: 0.02, "one of eleven torrents now");
    }

    [Fact]
    public void Changed_limits_hold_at_once_and_lifted_ones_let_everybody_go()
    {
        using var traffic = new GatedTraffic(world: 1000);
        var connection = traffic.Connect(traffic.Torrent());
        traffic.Run(1);
        connection.IsWaiting.ShouldBeTrue();
        traffic.Gate.SetRates(null, _ => null);
        connection.IsWaiting.ShouldBeFalse();

        traffic.Gate.SetRates(MB, _ => null);
        traffic.Run(1);
        var before = connection.Passed;
        traffic.Run(10);
        ((connection.Passed - before) / 10.0 / MB).ShouldBe(1, tolerance: 0.05);
    }

    [Fact]
    public void Who_leaves_waits_for_nothing_and_what_was_not_used_comes_back()
    {
        var clock = new ManualTimeProvider();
        using var gate = new BandwidthGate(clock);
        gate.SetRates(100_000, _ => null);
        var torrent = new BandwidthGroup(gate, clock);
        var granted = 0;
        using var first = torrent.Open(PeerClass.World, () => granted++);
        first.TryTake(40_000).ShouldBeTrue();
        first.TryTake(40_000).ShouldBeFalse();
        first.Dispose();
        clock.Advance(TimeSpan.FromMinutes(1));
        granted.ShouldBe(0);

        using var second = torrent.Open(PeerClass.World, () => granted++);
        second.TryTake(1_000_000).ShouldBeTrue("a block is never cut");
        second.GiveBack(1_000_000);
        second.TryTake(1).ShouldBeTrue();
    }

    [Fact]
    public void Bytes_that_pass_allocate_nothing()
    {
        var clock = new ManualTimeProvider();
        using var gate = new BandwidthGate(clock);
        var torrent = new BandwidthGroup(gate, clock);
        using var flow = torrent.Open(PeerClass.World, () => { });
        Measure().ShouldBe(0, "without limits");
        gate.SetRates(long.MaxValue / 8, _ => long.MaxValue / 8);
        torrent.SetRate(long.MaxValue / 8);
        Measure().ShouldBe(0, "with limits");

        long Measure()
        {
            Pass(100);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Pass(1000);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Pass(int blocks)
        {
            for (var block = 0; block < blocks; block++)
            {
                flow.TryTake(flow.Quantum).ShouldBeTrue();
            }
        }
    }

    [Fact]
    public async Task A_wait_ends_when_granted_and_when_stopped()
    {
        var clock = new ManualTimeProvider();
        using var gate = new BandwidthGate(clock);
        gate.SetRates(100_000, _ => null);
        using var wait = new BandwidthWait(new BandwidthGroup(gate, clock), PeerClass.World);
        for (var round = 0; round < 50; round++)
        {
            var passing = wait.PassAsync(100_000);
            if (!passing.IsCompleted)
            {
                clock.Advance(TimeSpan.FromSeconds(1));
            }

            await passing;
        }

        var stuck = wait.PassAsync(100_000);
        stuck.IsCompleted.ShouldBeFalse();
        wait.Stop();
        await Should.ThrowAsync<OperationCanceledException>(async () => await stuck);
        await Should.ThrowAsync<OperationCanceledException>(async () => await wait.PassAsync(100_000));
    }
}
