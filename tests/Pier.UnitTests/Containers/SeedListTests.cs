using Pier.Content;
using Pier.Content.Labels;
using Pier.Daemon.Containers;
using Pier.Engines.Containers;

namespace Pier.UnitTests.Containers;

/// <summary>What there is no room for waits until there is, and not longer than its container runs.</summary>
public sealed class SeedListTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void What_was_turned_away_is_tried_again_while_its_container_runs()
    {
        using var list = new SeedList(SeedList.MostBytes);
        for (var number = 0; number < SeedList.Most; number++)
        {
            list.TryAdd(Holder(number, number), out _).ShouldBeTrue();
        }

        var (stays, ends) = (Holder(1000, 1000), Holder(1001, 1001));
        list.TryAdd(ends, out _).ShouldBeFalse();
        list.TryAdd(stays, out var full).ShouldBeFalse();
        full.ShouldNotBeNull().ShouldContain("256 contents");
        list.TryAgain();
        list.All.Count.ShouldBe(SeedList.Most);

        list.Leave(ends.Container);
        list.Remove(list.All.First());
        list.TryAgain();

        list.All.Count.ShouldBe(SeedList.Most);
        list.All.ShouldContain(seed => seed.Holders.Contains(stays));
        list.All.ShouldNotContain(seed => seed.Holders.Contains(ends));
    }

    [Fact]
    public async Task What_no_container_has_any_more_does_not_wait_to_be_proved()
    {
        using var list = new SeedList(SeedList.MostBytes);
        list.TryAdd(Holder(1, 1), out _).ShouldBeTrue();
        var gone = list.All.Single();
        list.TryAdd(Holder(2, 2), out _).ShouldBeTrue();

        list.Remove(gone);

        (await list.Queue.NextWaitingAsync(Cancel)).ShouldNotBe(gone);
        list.Queue.NextWaitingAsync(Cancel).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void Those_that_fit_are_taken_in_their_order()
    {
        var waiting = new TurnedAway();
        DataHolder[] holders = [.. Enumerable.Range(0, 4).Select(number => Holder(number, number))];
        foreach (var (holder, weight) in holders.Zip([50L, 200, 50, 10]))
        {
            waiting.Add(holder, weight);
        }

        waiting.Take(100).ShouldBe([holders[0], holders[2]]);
        waiting.Take(100).ShouldBe([holders[3]]);
        waiting.Take(200).ShouldBe([holders[1]]);
        waiting.Take(long.MaxValue).ShouldBeEmpty();
    }

    private static DataHolder Holder(int container, int content) => new(
        new HeldContainer(new RunningContainer(FakeEngine.Id(container), $"c{container}", 1, "", new Dictionary<string, string>(StringComparer.Ordinal)), root: null),
        new DataLabel("/x", Digest.Compute(BitConverter.GetBytes(content)), IsTree: false, []) { Size = content });
}
