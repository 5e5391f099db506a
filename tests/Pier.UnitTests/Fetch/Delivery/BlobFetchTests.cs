using Pier.Content.Contracts;
using Pier.Fetch.Ladder;
using Pier.TestKit;

namespace Pier.UnitTests.Fetch.Delivery;

/// <summary>What a client sees of a fetch while its sources come, stall, break and lie.</summary>
public sealed class BlobFetchTests : IAsyncDisposable
{
    /// <summary>Longer than the clock goes in any test.</summary>
    private static readonly TimeSpan Never = TimeSpan.FromHours(10);

    private readonly DeliveryHarness _world = new();

    [Fact]
    public async Task A_miss_is_streamed_from_the_upstream_and_sealed()
    {
        Upstream(_world.Good(SourceKind.Upstream));

        (await _world.WhileTimePassesAsync(_world.ReadAllAsync())).ShouldBe(_world.Content);

        await UntilSealedAsync();
        var delivery = _world.History.Find(_world.Digest).ShouldNotBeNull();
        delivery.Sources.Upstream.ShouldBe(_world.Content.Length);
        _world.Sealed.ShouldBe([_world.Digest]);
    }

    [Fact]
    public async Task Many_clients_cost_one_fetch()
    {
        var source = _world.Good(SourceKind.Upstream);
        Upstream(source);

        var all = await _world.WhileTimePassesAsync(Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _world.ReadAllAsync())));

        all.ShouldAllBe(bytes => bytes.SequenceEqual(_world.Content));
        source.Fetches.ShouldBe(1);
    }

    [Fact]
    public async Task The_store_answers_without_asking_anybody()
    {
        Upstream(_world.Good(SourceKind.Upstream));
        await _world.WhileTimePassesAsync(_world.ReadAllAsync());
        await UntilSealedAsync();

        (await _world.ReadAllAsync()).ShouldBe(_world.Content);

        _world.Finder.Searches.ShouldBe(1);
    }

    [Fact]
    public async Task Bytes_are_readable_before_the_rest_has_come()
    {
        Upstream(new ScriptedSource(SourceKind.Upstream, _world.Content) { SilentAfter = 3000 });

        await using var reader = await _world.Fetcher.OpenAsync(_world.Request, DeliveryHarness.Token);
        var first = new byte[100];
        (await reader.ReadAtAsync(0, first, DeliveryHarness.Token)).ShouldBe(100);

        first.ShouldBe(_world.Content[..100]);
        reader.IsSealed.ShouldBeFalse();
        reader.Length.ShouldBe(_world.Content.Length);
    }

    [Fact]
    public async Task A_stalled_source_is_replaced_underneath_the_client_at_the_byte_where_it_stood()
    {
        var stalls = new ScriptedSource(SourceKind.Member, _world.Content) { SilentAfter = 20_000 };
        var good = _world.Good(SourceKind.Upstream);
        _world.Finder.Peers = () => [new Candidate("member a", stalls)];
        Upstream(good);

        (await _world.WhileTimePassesAsync(_world.ReadAllAsync(), 250)).ShouldBe(_world.Content);

        good.StartedAt.ShouldBe(20_000);
        await UntilSealedAsync();
        _world.History.Find(_world.Digest)!.Sources.Members.ShouldBe(20_000);
        _world.History.Find(_world.Digest)!.Sources.Upstream.ShouldBe(30_000);
    }

    [Fact]
    public async Task A_broken_upstream_is_resumed()
    {
        Upstream(new ScriptedSource(SourceKind.Upstream, _world.Content) { BreaksAfter = 10_000 });

        (await _world.WhileTimePassesAsync(_world.ReadAllAsync(), 250)).ShouldBe(_world.Content);
    }

    [Fact]
    public async Task The_next_peer_is_tried_when_one_refuses()
    {
        var good = _world.Good(SourceKind.Member);
        _world.Finder.Peers = () =>
        [
            new Candidate("member gone", new ScriptedSource(SourceKind.Member, _world.Content) { Refusal = () => new ContentUnavailableException("gone") }),
            new Candidate("member here", good),
        ];

        (await _world.WhileTimePassesAsync(_world.ReadAllAsync(_world.Request with { Origin = null }))).ShouldBe(_world.Content);

        good.Fetches.ShouldBe(1);
    }

    [Fact]
    public async Task A_peer_that_brings_no_byte_in_200_ms_is_hedged_and_the_loser_cancelled()
    {
        // Nobody is replaced for being slow: only the hedge brings the other one in.
        await using var world = new DeliveryHarness(with: options => options with { PeerFirstByteTimeout = Never, StallTimeout = Never, OpenPatience = Never });
        var never = new TaskCompletionSource();
        var silent = new ScriptedSource(SourceKind.Swarm, world.Content) { MayDeliver = never.Task };
        world.Finder.Peers = () => [new Candidate("swarm x", silent)];
        world.Finder.Upstreams.Enqueue(new Candidate("upstream", world.Good(SourceKind.Upstream)));

        (await world.WhileTimePassesAsync(world.ReadAllAsync())).ShouldBe(world.Content);

        await world.PassUntilAsync(() => !world.Sealed.IsEmpty && silent.IsCancelled);
        world.History.Find(world.Digest)!.Sources.Upstream.ShouldBe(world.Content.Length);
    }

    [Fact]
    public async Task Wrong_bytes_of_a_peer_are_discarded_its_tellers_banned_and_the_blob_fetched_elsewhere()
    {
        var lies = _world.Content.ToArray();
        lies[40_000] ^= 1;
        var liar = new ScriptedSource(SourceKind.Swarm, lies);
        _world.Finder.Peers = () => [new Candidate("swarm lies", liar) { Tellers = ["member liar"] }];
        Upstream(_world.Good(SourceKind.Upstream));

        // This client reads only once the truth is there, so that it is not told lies.
        await using var reader = await _world.WhileTimePassesAsync(_world.Fetcher.OpenAsync(_world.Request, DeliveryHarness.Token).AsTask());
        await UntilSealedAsync();

        var bytes = new byte[_world.Content.Length];
        (await reader.ReadAtAsync(0, bytes, DeliveryHarness.Token)).ShouldBe(bytes.Length);
        bytes.ShouldBe(_world.Content);
        liar.Fetches.ShouldBe(1);
        _world.Bans.Has(_world.Digest, "swarm lies").ShouldBeTrue();
        _world.Bans.Has(_world.Digest, "member liar").ShouldBeTrue();
    }

    [Fact]
    public async Task A_client_that_was_shown_wrong_bytes_is_told_and_not_given_a_mixture()
    {
        var lies = _world.Content.ToArray();
        lies[10] ^= 1;
        var shown = new TaskCompletionSource();
        _world.Finder.Peers = () => [new Candidate("swarm lies", new ScriptedSource(SourceKind.Swarm, lies) { Pause = (1000, shown.Task) })];
        await using var reader = await _world.Fetcher.OpenAsync(_world.Request with { Origin = null }, DeliveryHarness.Token);
        (await reader.ReadAtAsync(0, new byte[100], DeliveryHarness.Token)).ShouldBe(100);
        shown.SetResult();

        await Should.ThrowAsync<ContentMismatchException>(async () =>
        {
            while (true)
            {
                await reader.ReadAtAsync(0, new byte[100], DeliveryHarness.Token);
                await Task.Yield();
            }
        });
    }

    [Fact]
    public async Task An_upstream_that_lies_alone_ends_in_an_error_that_says_so()
    {
        var lies = _world.Content.ToArray();
        lies[0] ^= 1;
        Upstream(new ScriptedSource(SourceKind.Upstream, lies));

        await using var reader = await _world.WhileTimePassesAsync(_world.Fetcher.OpenAsync(_world.Request, DeliveryHarness.Token).AsTask());
        await _world.PassUntilAsync(() => _world.Table.Find(_world.Digest) is null, 1000);

        _world.History.Find(_world.Digest)!.Problem.ShouldNotBeNull().ShouldContain("did not match");
        (await _world.Store.StatAsync(_world.Digest, DeliveryHarness.Token)).ShouldBeNull();
    }

    [Fact]
    public async Task A_blob_that_the_upstream_does_not_know_is_not_found()
    {
        Upstream(new ScriptedSource(SourceKind.Upstream, []) { Refusal = () => new ContentNotFoundException("no such blob") });

        await Should.ThrowAsync<ContentNotFoundException>(() => _world.WhileTimePassesAsync(_world.ReadAllAsync()));
    }

    [Fact]
    public async Task Nobody_reachable_names_each_leg_within_the_patience()
    {
        await using var world = new DeliveryHarness(with: options => options with { OpenPatience = Never });
        world.Finder.Peers = () =>
            [new Candidate("member a", new ScriptedSource(SourceKind.Member, []) { Refusal = () => new ContentUnavailableException("connection refused") })];
        world.Finder.Upstreams.Enqueue(new Candidate(
            "upstream", new ScriptedSource(SourceKind.Upstream, []) { Refusal = () => new ContentUnavailableException("no route") }));

        var failure = await Should.ThrowAsync<ContentUnavailableException>(() => world.WhileTimePassesAsync(world.ReadAllAsync()));

        failure.Message.ShouldContain("member a: connection refused");
        failure.Message.ShouldContain("upstream: no route");
    }

    [Fact]
    public async Task A_source_with_another_size_than_the_descriptor_is_refused()
    {
        Upstream(new ScriptedSource(SourceKind.Upstream, _world.Content) { TellsSize = 49_999 });

        var failure = await Should.ThrowAsync<ContentMismatchException>(
            () => _world.WhileTimePassesAsync(_world.ReadAllAsync(_world.Request with { Size = 50_000 })));

        failure.Message.ShouldContain("49999");
    }

    [Fact]
    public async Task A_member_to_follow_that_fails_is_named_to_the_referee()
    {
        var holder = new ScriptedSource(SourceKind.Member, _world.Content) { BreaksAfter = 5000 };
        _world.Finder.Upstreams.Enqueue(new Candidate("member holder", holder));
        Upstream(_world.Good(SourceKind.Upstream));

        (await _world.WhileTimePassesAsync(_world.ReadAllAsync())).ShouldBe(_world.Content);

        _world.Finder.Failed.ShouldBe([null, "member holder"]);
    }

    [Fact]
    public async Task A_turn_is_kept_until_the_seal_and_then_given_back_as_done()
    {
        var turn = new RecordedTurn();
        _world.Finder.Upstreams.Enqueue(new Candidate("upstream", _world.Good(SourceKind.Upstream), turn));

        await _world.WhileTimePassesAsync(_world.ReadAllAsync());
        await UntilSealedAsync();

        await Eventually.TrueAsync(() => turn.Released is not null, "the turn is released", Eventually.Patience, DeliveryHarness.Token);
        turn.Released.ShouldBe(true);
    }

    [Fact]
    public async Task A_turn_that_came_to_nothing_is_given_back_as_failed()
    {
        var turn = new RecordedTurn();
        _world.Finder.Upstreams.Enqueue(new Candidate(
            "upstream", new ScriptedSource(SourceKind.Upstream, []) { Refusal = () => new ContentDeniedException("401") }, turn));

        await Should.ThrowAsync<ContentDeniedException>(() => _world.WhileTimePassesAsync(_world.ReadAllAsync()));

        turn.Released.ShouldBe(false);
    }

    [Fact]
    public async Task A_fetch_goes_on_when_its_last_client_leaves()
    {
        var hold = new TaskCompletionSource();
        Upstream(new ScriptedSource(SourceKind.Upstream, _world.Content) { MayDeliver = hold.Task });
        await (await _world.Fetcher.OpenAsync(_world.Request, DeliveryHarness.Token)).DisposeAsync();

        hold.SetResult();

        await UntilSealedAsync();
    }

    [Fact]
    public async Task A_fetch_that_nobody_accepted_ends_when_its_last_client_leaves()
    {
        var never = new TaskCompletionSource();
        Upstream(new ScriptedSource(SourceKind.Upstream, _world.Content) { Ready = never.Task });
        using var client = new CancellationTokenSource();
        var opening = _world.Fetcher.OpenAsync(_world.Request, client.Token).AsTask();
        await _world.PassUntilAsync(() => _world.Table.Find(_world.Digest) is not null);

        await client.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => opening);
        await _world.PassUntilAsync(() => _world.Table.Find(_world.Digest) is null);
    }

    [Fact]
    public async Task What_arrived_before_a_stop_is_not_fetched_again()
    {
        Upstream(new ScriptedSource(SourceKind.Upstream, _world.Content) { SilentAfter = 30_000 });
        await using (var reader = await _world.Fetcher.OpenAsync(_world.Request, DeliveryHarness.Token))
        {
            await reader.ReadAtAsync(29_000, new byte[1000], DeliveryHarness.Token);
        }
        var again = _world.Good(SourceKind.Upstream);
        _world.Finder.Upstreams.Clear();
        Upstream(again);

        (await _world.WhileTimePassesAsync(_world.ReadAllAsync(), 250)).ShouldBe(_world.Content);

        again.StartedAt.ShouldBe(30_000);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    private void Upstream(ScriptedSource source) => _world.Finder.Upstreams.Enqueue(new Candidate("upstream", source));

    /// <summary>Until the fetch has ended: a client that came late was given the sealed blob, of which the history tells a moment before.</summary>
    private Task UntilSealedAsync() => _world.PassUntilAsync(() =>
        _world.History.Ends.Sealed > 0 && _world.History.Find(_world.Digest) is { State: Pier.Fetch.Delivery.FetchState.Sealed });
}
