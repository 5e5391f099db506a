using Pier.BitTorrent.Transports;

namespace Pier.UnitTests.BitTorrent.Transports;

/// <summary>A connection within the process ends as one over the network does, whoever is in the middle of what.</summary>
public sealed class PipedStreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bytes_cross_both_ways_until_an_end_closes()
    {
        var (ours, theirs) = PipedStream.Create(window: 64);
        await ours.WriteAsync(new byte[] { 1, 2, 3 }, Token);
        await theirs.WriteAsync(new byte[] { 4 }, Token);
        var buffer = new byte[8];
        (await theirs.ReadAsync(buffer, Token)).ShouldBe(3);
        (await ours.ReadAsync(buffer, Token)).ShouldBe(1);

        await theirs.DisposeAsync();

        (await ours.ReadAsync(buffer, Token)).ShouldBe(0);
        await Should.ThrowAsync<IOException>(async () => await ours.WriteAsync(buffer, Token));
    }

    [Fact]
    public async Task Who_goes_on_after_its_own_end_is_closed_is_told_so()
    {
        var (ours, _) = PipedStream.Create(window: 64);
        await ours.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(() => ours.ReadAsync(new byte[8], Token).AsTask());
        await Should.ThrowAsync<ObjectDisposedException>(async () => await ours.WriteAsync(new byte[8], Token));
    }

    [Fact]
    public async Task A_read_that_waits_sees_the_end()
    {
        var (ours, _) = PipedStream.Create(window: 64);
        var reading = ours.ReadAsync(new byte[8], Token).AsTask();

        await ours.DisposeAsync();

        try
        {
            (await reading).ShouldBe(0);
        }
        catch (Exception ended)
        {
            (ended is OperationCanceledException or ObjectDisposedException).ShouldBeTrue(ended.ToString());
        }
    }
}
