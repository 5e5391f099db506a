using Pier.Content.Contracts;
using Pier.Fetch.Delivery;
using Pier.Fetch.Ladder;

namespace Pier.UnitTests.Fetch.Delivery;

/// <summary>What is fetched ahead, beside what clients wait for.</summary>
public sealed class ClientsFirstTests : IAsyncDisposable
{
    private const int MiB = 1 << 20;

    private readonly DeliveryHarness _world = new(6 * MiB);

    private static CancellationToken Token => DeliveryHarness.Token;

    private ClientsFirst Clients => _world.Parts.Clients;

    private BlobFetch Fetch => _world.Table.Find(_world.Digest).ShouldNotBeNull();

    [Fact]
    public async Task It_comes_at_once_while_nobody_waits_for_anything()
    {
        var whole = await BeginAsync();

        await _world.PassUntilAsync(() => whole.IsCompleted, 0);

        (await whole).ShouldNotBeNull().Arrived.ShouldBe(6 * MiB, "no time has passed");
    }

    [Fact]
    public async Task It_holds_back_beyond_its_head_while_a_client_is_served_and_goes_on_when_none_is()
    {
        Clients.Note();
        var whole = await BeginAsync();
        await _world.PassUntilAsync(() => Fetch.Arrived > 4 * MiB, 0);

        for (var moment = 0; moment < 3; moment++)
        {
            _world.Clock.Advance(TimeSpan.FromMilliseconds(100));
            Clients.Note();
        }
        Fetch.Arrived.ShouldBeLessThan(6 * MiB);

        await _world.PassUntilAsync(() => whole.IsCompleted);
        (await whole).ShouldNotBeNull().Arrived.ShouldBe(6 * MiB);
    }

    [Fact]
    public async Task It_waits_for_nobody_once_a_client_wants_it()
    {
        Clients.Note();
        var ahead = await BeginAsync();
        await _world.PassUntilAsync(() => Fetch.Arrived > 4 * MiB, 0);

        var read = _world.ReadAllAsync();
        await _world.PassUntilAsync(
            () =>
            {
                Clients.Note();
                return read.IsCompleted;
            },
            20);

        (await read).ShouldBe(_world.Content);
        await _world.WhileTimePassesAsync(ahead);
    }

    [Fact]
    public async Task A_pause_ends_before_the_source_could_be_taken_for_one_that_stands_still()
    {
        Clients.Note();
        var whole = await BeginAsync();
        await _world.PassUntilAsync(() => Fetch.Arrived > 4 * MiB, 0);
        var before = Fetch.Arrived;

        await _world.PassUntilAsync(
            () =>
            {
                Clients.Note();
                return Fetch.Arrived > before;
            },
            50);

        await _world.WhileTimePassesAsync(whole);
    }

    [Fact]
    public async Task Who_has_gone_holds_nobody_back()
    {
        var rest = new TaskCompletionSource();
        _world.Finder.Upstreams.Enqueue(new Candidate("upstream", new ScriptedSource(SourceKind.Upstream, _world.Content) { BlockSize = 256 << 10, Pause = (MiB, rest.Task) }));
        BlobFetch fetch;
        await using (await _world.Fetcher.OpenAsync(_world.Request, Token))
        {
            fetch = Fetch;
            await _world.PassUntilAsync(() => Clients.AreServed && fetch.Arrived == MiB, 0);
        }
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        Clients.AreServed.ShouldBeFalse();

        rest.SetResult();
        await _world.PassUntilAsync(() => fetch.IsSealed, 0);

        Clients.AreServed.ShouldBeFalse("all the rest came for nobody");
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    /// <summary>Begins to fetch the blob ahead.</summary>
    private async Task<Task<Pier.Fetch.Status.BlobDelivery?>> BeginAsync()
    {
        _world.Finder.Upstreams.Enqueue(new Candidate("upstream", new ScriptedSource(SourceKind.Upstream, _world.Content) { BlockSize = 256 << 10 }));
        var whole = _world.Fetcher.CompleteAsync(_world.Request with { Priority = FetchPriority.Background }, Token);
        await _world.PassUntilAsync(() => whole.IsCompleted || _world.Table.Find(_world.Digest) is not null, 0);
        return whole;
    }
}
