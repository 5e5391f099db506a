using Pier.Distribution;
using Pier.Distribution.Errors;
using Pier.Distribution.Transport;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Distribution;

/// <summary>When requests may go to one address, on a clock moved by hand.</summary>
public sealed class RequestPaceTests
{
    private readonly ManualTimeProvider _clock = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DateTimeOffset Patient => _clock.GetUtcNow() + TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Without_a_rate_nothing_waits()
    {
        var pace = new RequestPace(rate: null, _clock);
        for (var request = 0; request < 1000; request++)
        {
            await pace.WaitAsync("x", _clock.GetUtcNow(), Cancel);
        }
    }

    [Fact]
    public async Task A_period_s_requests_go_at_once_and_come_back_evenly()
    {
        var pace = new RequestPace(new RequestRate(3, TimeSpan.FromSeconds(30)), _clock);
        for (var request = 0; request < 3; request++)
        {
            pace.WaitAsync("x", Patient, Cancel).IsCompletedSuccessfully.ShouldBeTrue();
        }

        var fourth = pace.WaitAsync("x", Patient, Cancel);
        _clock.Advance(TimeSpan.FromSeconds(9));
        fourth.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await fourth;

        var refused = await Should.ThrowAsync<UpstreamException>(() => pace.WaitAsync("x", _clock.GetUtcNow() + TimeSpan.FromSeconds(5), Cancel));
        refused.Failure.ShouldBe(UpstreamFailure.RateLimited);
        refused.RetryAfter.ShouldBe(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task An_address_that_rests_is_left_alone_by_all_but_never_for_more_than_a_minute()
    {
        var pace = new RequestPace(rate: null, _clock);
        pace.Rest(TimeSpan.FromHours(6));
        pace.Rest(TimeSpan.FromSeconds(1));

        (await Should.ThrowAsync<UpstreamException>(() => pace.WaitAsync("x", _clock.GetUtcNow() + TimeSpan.FromSeconds(8), Cancel))).RetryAfter.ShouldBe(TimeSpan.FromMinutes(1));
        _clock.Advance(TimeSpan.FromSeconds(60));
        pace.WaitAsync("x", _clock.GetUtcNow(), Cancel).IsCompletedSuccessfully.ShouldBeTrue();
    }
}
