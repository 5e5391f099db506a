using Pier.Fetch.Delivery;

namespace Pier.UnitTests.Fetch.Delivery;

/// <summary>A fetch that is told to stop in the moment in which it ends.</summary>
public sealed class FetchRunTests
{
    [Fact]
    public async Task Who_stops_what_has_ended_by_itself_hears_of_no_error()
    {
        await using var harness = new DeliveryHarness();
        var run = new FetchRun(new BlobFetch(harness.Request, harness.Parts), DeliveryHarness.Token);
        run.Dispose();

        run.Stop();

        run.Stopped.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_stopped_hears_it_and_so_does_all_when_everything_is_stopped()
    {
        await using var harness = new DeliveryHarness();
        using var all = new CancellationTokenSource();
        using var first = new FetchRun(new BlobFetch(harness.Request, harness.Parts), all.Token);
        using var second = new FetchRun(new BlobFetch(harness.Request, harness.Parts), all.Token);

        first.Stop();
        (first.IsStopping, second.IsStopping).ShouldBe((true, false));

        await all.CancelAsync();
        second.IsStopping.ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_about_to_be_stopped_counts_as_stopping()
    {
        await using var harness = new DeliveryHarness();
        using var run = new FetchRun(new BlobFetch(harness.Request, harness.Parts), DeliveryHarness.Token);

        run.Resign();

        (run.IsStopping, run.Stopped.IsCancellationRequested).ShouldBe((true, false));
    }
}
