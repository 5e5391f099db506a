using Pier.BitTorrent.Limits;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Limits;

/// <summary>Limits and meters on a clock moved by hand.</summary>
public sealed class RateTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void A_bucket_holds_a_second_and_then_makes_wait()
    {
        var bucket = new TokenBucket(1000, _clock);
        bucket.Take(1000).ShouldBe(TimeSpan.Zero);
        bucket.Take(500).ShouldBe(TimeSpan.FromSeconds(0.5));
        _clock.Advance(TimeSpan.FromSeconds(1));
        bucket.Take(500).ShouldBe(TimeSpan.Zero);
        _clock.Advance(TimeSpan.FromHours(1));
        bucket.Take(1000).ShouldBe(TimeSpan.Zero);
        bucket.Take(1000).ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task The_strictest_of_several_limits_decides()
    {
        var limit = new RateLimit(_clock, new TokenBucket(1000, _clock), null, new TokenBucket(100, _clock));
        var passing = limit.PassAsync(200, TestContext.Current.CancellationToken).AsTask();
        passing.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(0.99));
        passing.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(0.01));
        await passing;
    }

    [Fact]
    public async Task Without_limits_nothing_waits()
    {
        // The clock stands still: this would wait for ever.
        await new RateLimit(_clock, null, null).PassAsync(long.MaxValue, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_meter_settles_on_the_rate_and_forgets_it()
    {
        var meter = new RateMeter();
        for (var second = 1; second <= 20; second++)
        {
            meter.Sample(second * 1000, TimeSpan.FromSeconds(1));
        }

        meter.Rate.ShouldBe(1000, tolerance: 1);
        for (var second = 0; second < 30; second++)
        {
            meter.Sample(20_000, TimeSpan.FromSeconds(1));
        }

        meter.Rate.ShouldBe(0);
    }
}
