using Pier.BitTorrent.Limits;

namespace Pier.UnitTests.BitTorrent.Limits;

public sealed class RateTests
{
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
