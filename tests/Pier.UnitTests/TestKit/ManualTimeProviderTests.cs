using Pier.TestKit.Time;

namespace Pier.UnitTests.TestKit;

public sealed class ManualTimeProviderTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Timers_fire_in_order_of_due_time_each_at_its_own_instant()
    {
        var fired = new List<(string Name, double Seconds)>();
        void Note(string name) => fired.Add((name, (_clock.GetUtcNow() - _clock.Start).TotalSeconds));
        using var late = _clock.CreateTimer(_ => Note("late"), null, TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan);
        using var every = _clock.CreateTimer(_ => Note("every"), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        using var early = _clock.CreateTimer(_ => Note("early"), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        _clock.Advance(TimeSpan.FromSeconds(5));

        fired.ShouldBe([("early", 1), ("every", 2), ("late", 3), ("every", 4)]);
        (_clock.GetUtcNow() - _clock.Start).ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_timer_armed_by_a_timer_still_fires_within_the_same_step()
    {
        var fired = 0;
        ITimer? second = null;
        using var first = _clock.CreateTimer(
            _ => second = _clock.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan),
            null,
            TimeSpan.FromSeconds(1),
            Timeout.InfiniteTimeSpan);

        _clock.Advance(TimeSpan.FromSeconds(2));

        fired.ShouldBe(1);
        second!.Dispose();
    }

    [Fact]
    public void A_disposed_timer_never_fires()
    {
        var fired = false;
        var timer = _clock.CreateTimer(_ => fired = true, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        timer.Dispose();

        _clock.Advance(TimeSpan.FromMinutes(1));

        fired.ShouldBeFalse();
        _clock.ArmedTimers.ShouldBe(0);
        timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan).ShouldBeFalse();
    }

    [Fact]
    public async Task Delays_and_timeouts_of_the_runtime_obey_the_clock()
    {
        var delay = Task.Delay(TimeSpan.FromSeconds(10), _clock, TestContext.Current.CancellationToken);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20), _clock);
        _clock.NextDue.ShouldBe(_clock.Start.AddSeconds(10));

        _clock.Advance(TimeSpan.FromSeconds(10));
        await delay;
        timeout.IsCancellationRequested.ShouldBeFalse();

        _clock.Advance(TimeSpan.FromSeconds(10));
        timeout.IsCancellationRequested.ShouldBeTrue();
        _clock.Armings.ShouldBe(2);
    }

    [Fact]
    public void Elapsed_time_follows_the_hand()
    {
        var start = _clock.GetTimestamp();

        _clock.Advance(TimeSpan.FromMilliseconds(1234.5));

        _clock.GetElapsedTime(start).ShouldBe(TimeSpan.FromMilliseconds(1234.5));
    }
}
