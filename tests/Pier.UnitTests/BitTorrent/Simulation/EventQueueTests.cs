using Pier.Simulation.Clock;

namespace Pier.UnitTests.BitTorrent.Simulation;

/// <summary>The order of events, against sorting them.</summary>
public sealed class EventQueueTests
{
    [Theory]
    [InlineData(1_000)]
    [InlineData(100_000_000)]
    [InlineData(60_000_000_000)]
    public void Events_come_by_time_and_then_in_the_order_in_which_they_were_added(long span)
    {
        var random = new Random(3);
        var queue = new EventQueue(125_000);
        var expected = new List<(long At, int Number)>();
        var taken = new List<(long At, int Number)>();
        var now = 0L;
        for (var number = 0; number < 5000; number++)
        {
            var at = now + random.NextInt64(span) / 16 * 16;
            queue.Add(at, EventKind.Call, number);
            expected.Add((at, number));
            if (number % 3 == 0 && queue.TryTake(out var due))
            {
                now = due.At;
                taken.Add((due.At, due.A));
            }
        }

        while (queue.TryTake(out var due))
        {
            taken.Add((due.At, due.A));
        }

        queue.Count.ShouldBe(0);
        taken.Select(each => each.At).ShouldBeInOrder();
        taken.Order().ShouldBe(expected.Order());
        taken.Zip(taken.Skip(1)).ShouldAllBe(pair => pair.First.At < pair.Second.At || pair.First.Number < pair.Second.Number);
    }
}
