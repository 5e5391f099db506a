using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Fetch.Delivery;
using Pier.Fetch.Ladder;
using Pier.Fetch.Node;
using Pier.Membership.Client;
using Pier.TestKit.Policies;
using Pier.UnitTests.Fetch.Delivery;

namespace Pier.UnitTests.Fetch.Node;

/// <summary>What members get of a blob that is arriving here: judged again when it is known for whom it comes.</summary>
public sealed class ArrivingForMembersTests : IAsyncDisposable
{
    private readonly DeliveryHarness _world = new();
    private readonly TaskCompletionSource _rest = new();

    private static CancellationToken Token => DeliveryHarness.Token;

    [Fact]
    public async Task A_member_that_may_not_have_it_any_more_gets_no_byte_after_the_fetch_went_on()
    {
        var isOpen = true;
        // In one write: else what is wanted next could still come from this source.
        Upstream(new ScriptedSource(SourceKind.Upstream, _world.Content) { BlockSize = 3000, Pause = (3000, _rest.Task), BreaksAfter = 3000 });
        Upstream(_world.Good(SourceKind.Upstream));
        await using var first = await _world.Fetcher.OpenAsync(_world.Request, Token);
        await using var follower = (await Node(() => isOpen).OpenAsync(new BlobName(_world.Digest, Under: null), Token)).ShouldNotBeNull();
        (await follower.ReadAtAsync(0, new byte[100], Token)).ShouldBe(100);

        isOpen = false;
        _rest.SetResult();
        await _world.WhileTimePassesAsync(first.ReadAtAsync(10_000, new byte[100], Token).AsTask());

        await Should.ThrowAsync<ContentDeniedException>(async () => await follower.ReadAtAsync(10_000, new byte[100], Token));
    }

    [Fact]
    public async Task A_follower_whose_judgement_fails_leaves_the_fetch()
    {
        Upstream(new ScriptedSource(SourceKind.Upstream, _world.Content) { Pause = (3000, _rest.Task) });
        await using var first = await _world.Fetcher.OpenAsync(_world.Request, Token);
        var questions = 0;
        var node = Node(() => ++questions == 1 ? true : throw new InvalidOperationException("the second question"));

        await Should.ThrowAsync<InvalidOperationException>(async () => await node.OpenAsync(new BlobName(_world.Digest, Under: null), Token));

        _world.Table.Find(_world.Digest).ShouldNotBeNull().Interested.ShouldBe(1);
        _rest.SetResult();
    }

    [Fact]
    public async Task A_follower_is_judged_when_it_asks_and_when_it_is_known_for_whom_it_comes()
    {
        Upstream(new ScriptedSource(SourceKind.Upstream, _world.Content) { Pause = (3000, _rest.Task) });
        await using var first = await _world.Fetcher.OpenAsync(_world.Request, Token);
        var questions = 0;
        var node = Node(() => ++questions > 0);

        await using var follower = (await node.OpenAsync(new BlobName(_world.Digest, Under: null), Token)).ShouldNotBeNull();
        await follower.ReadAtAsync(0, new byte[100], Token);
        await follower.ReadAtAsync(100, new byte[100], Token);

        questions.ShouldBe(2);
        _rest.SetResult();
    }

    [Theory]
    [InlineData(true, FetchPriority.Background)]
    [InlineData(false, FetchPriority.Command)]
    public async Task Who_is_invited_to_pieces_makes_the_fetch_as_urgent_as_it_waits(bool isAhead, FetchPriority expected)
    {
        Upstream(new ScriptedSource(SourceKind.Upstream, _world.Content) { Pause = (3000, _rest.Task) });
        var whole = _world.Fetcher.CompleteAsync(_world.Request with { Priority = FetchPriority.Background }, Token);
        await _world.PassUntilAsync(() => Fetch is not null, 0);

        (await Node(() => true).InviteAsync(new BlobName(_world.Digest, IsAhead: isAhead), Token)).ShouldBeNull("it is too small for pieces");

        Fetch!.Request.Priority.ShouldBe(expected);
        Fetch.Interested.ShouldBe(1, "members wait for themselves");
        _rest.SetResult();
        await _world.WhileTimePassesAsync(whole);
    }

    [Fact]
    public async Task Who_follows_by_ranges_makes_the_fetch_no_more_urgent_than_it_waits()
    {
        Upstream(new ScriptedSource(SourceKind.Upstream, _world.Content) { Pause = (3000, _rest.Task) });
        var whole = _world.Fetcher.CompleteAsync(_world.Request with { Priority = FetchPriority.Background }, Token);
        await _world.PassUntilAsync(() => Fetch is not null, 0);
        var node = Node(() => true);

        await using var ahead = (await node.OpenAsync(new BlobName(_world.Digest, IsAhead: true), Token)).ShouldNotBeNull();
        Fetch!.Request.Priority.ShouldBe(FetchPriority.Background);
        await using var waiting = (await node.OpenAsync(new BlobName(_world.Digest), Token)).ShouldNotBeNull();
        Fetch.Request.Priority.ShouldBe(FetchPriority.Command);

        _rest.SetResult();
        await _world.WhileTimePassesAsync(whole);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    private BlobFetch? Fetch => _world.Table.Find(_world.Digest);

    private void Upstream(ScriptedSource source) => _world.Finder.Upstreams.Enqueue(new Candidate("upstream", source));

    /// <summary>What arrives needs neither torrents nor manifests nor tags.</summary>
    private NodeContent Node(Func<bool> mayServe) => new(
        _world.Store, _world.Table, _world.Fetcher, seeder: null!, manifests: null!, pieces: null!, tags: null!, new Judge(mayServe), proofs: null!, _world.Options, _world.Clock);

    private sealed class Judge(Func<bool> mayServe) : FixedPolicy
    {
        public override ValueTask<bool> MayServeAsync(Digest digest, RepositoryName? under, Door door, CancellationToken cancellationToken) => ValueTask.FromResult(mayServe());
    }
}
