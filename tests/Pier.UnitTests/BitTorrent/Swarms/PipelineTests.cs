using System.Net;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Swarms.Blocks;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Wire;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>How many blocks are asked of a peer at a time, by how they come.</summary>
public sealed class PipelineTests
{
    private const int Bound = 250;

    private readonly ManualTimeProvider _clock = new();
    private readonly PeerSession _session = new(new QuietLink(new IPEndPoint(IPAddress.Loopback, 1), isOutgoing: true), PeerSource.Told);

    [Fact]
    public void Who_sends_in_bursts_all_that_it_was_asked_for_is_asked_for_more_each_time()
    {
        Ask();
        Come(TimeSpan.FromMilliseconds(20), 1);
        // So slow once that little is asked for.
        Come(TimeSpan.FromMilliseconds(400), 4);
        _session.PipelineTarget.ShouldBe(4);

        Burst(TimeSpan.FromMilliseconds(480));
        var targets = Enumerable.Range(0, 6).Select(_ => Burst(TimeSpan.FromMilliseconds(480))).ToArray();

        targets.ShouldBe([8, 16, 32, 64, 128, 128]);
    }

    [Fact]
    public void Who_answers_as_soon_as_ever_is_asked_for_what_its_pace_says()
    {
        Ask();
        Come(TimeSpan.FromMilliseconds(20), 1);
        Come(TimeSpan.FromMilliseconds(400), 4);
        for (var burst = 0; burst < 4; burst++)
        {
            Ask();
            Burst(TimeSpan.FromMilliseconds(25)).ShouldBe(4);
        }
    }

    [Fact]
    public void Who_sends_one_block_at_a_time_slowly_is_asked_for_few()
    {
        Ask();
        Come(TimeSpan.FromMilliseconds(20), 1);
        for (var block = 0; block < 10; block++)
        {
            Come(TimeSpan.FromMilliseconds(400), 1);
        }

        _session.PipelineTarget.ShouldBe(4);
    }

    [Fact]
    public void A_fast_one_is_asked_for_what_it_sends_in_two_round_trips_and_a_little()
    {
        Ask();
        Come(TimeSpan.FromMilliseconds(25), 1);
        Come(TimeSpan.FromMilliseconds(100), 100);
        // 1000 blocks a second for 150 ms and twice 25.
        _session.PipelineTarget.ShouldBe(200);
        Come(TimeSpan.FromMilliseconds(100), 1000);
        _session.PipelineTarget.ShouldBe(Bound);
    }

    /// <summary>What is asked for comes after a while, all at once, and a few that were asked for meanwhile stay.</summary>
    private int Burst(TimeSpan after)
    {
        _clock.Advance(after);
        for (var block = _session.PipelineTarget * 3 / 4; block > 0; block--)
        {
            Come(TimeSpan.Zero, 1);
        }

        return _session.PipelineTarget;
    }

    /// <summary>Nothing is outstanding, and something is asked for.</summary>
    private void Ask() => (_session.LastBlockAt, _session.IsTimed) = (_clock.GetTimestamp(), true);

    private void Come(TimeSpan after, int blocks)
    {
        _clock.Advance(after);
        Pipeline.Received(_session, blocks, _clock, Bound);
    }
}
