using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution.Credentials;
using Pier.Fetch.Delivery;
using Pier.Fetch.Ladder;

namespace Pier.UnitTests.Fetch.Delivery;

/// <summary>Clients that join the fetch of one blob which others began: none gets a byte without a right of its own.</summary>
public sealed class SharedFetchTests : IAsyncDisposable
{
    private static readonly RepositoryName Mine = new("registry.test", "mine/app");
    private static readonly RepositoryName Theirs = new("registry.test", "theirs/app");
    private static readonly RepositoryName Third = new("registry.test", "third/app");

    private readonly DeliveryHarness _world = new();
    private readonly TaskCompletionSource _rest = new();

    private static CancellationToken Token => DeliveryHarness.Token;

    [Fact]
    public async Task Who_began_gets_what_its_own_repository_sends_without_a_question()
    {
        MayShare(none => false);
        Upstream(_world.Good(SourceKind.Upstream));

        (await _world.WhileTimePassesAsync(_world.ReadAllAsync(Ask(Mine)))).ShouldBe(_world.Content);
    }

    [Fact]
    public async Task A_joiner_with_a_right_of_its_own_reads_at_once()
    {
        MayShare(asked => asked == Theirs);
        UpstreamInTwoParts();
        await using var first = await _world.Fetcher.OpenAsync(Ask(Mine), Token);
        await using var second = await _world.Fetcher.OpenAsync(Ask(Theirs), Token);

        (await second.ReadAtAsync(0, new byte[100], Token)).ShouldBe(100);
    }

    [Fact]
    public async Task A_joiner_without_one_is_told_so_before_it_is_promised_anything()
    {
        MayShare(asked => asked == Mine);
        _world.MayAwait = (_, length) => length != _world.Content.Length;
        UpstreamInTwoParts();
        await using var first = await _world.Fetcher.OpenAsync(Ask(Mine), Token);

        await Should.ThrowAsync<ContentDeniedException>(() => _world.Fetcher.OpenAsync(Ask(Theirs), Token).AsTask());
        await Should.ThrowAsync<ContentDeniedException>(() => _world.Fetcher.OpenAsync(Ask(Theirs) with { IsFromClient = false }, Token).AsTask());

        _world.Table.Find(_world.Digest).ShouldNotBeNull().Interested.ShouldBe(1, "who was refused waits for nothing");
        _rest.SetResult();
    }

    [Fact]
    public async Task A_joiner_whose_registry_says_yes_and_shows_nothing_gets_no_byte_before_the_end_and_none_after_it()
    {
        var questions = 0;
        MayShare(asked =>
        {
            Interlocked.Increment(ref questions);
            return asked == Mine;
        });
        _world.MayAwait = (asked, length) => asked == Theirs && length == _world.Content.Length;
        UpstreamInTwoParts();
        await using var first = await _world.Fetcher.OpenAsync(Ask(Mine), Token);
        await using var second = await _world.Fetcher.OpenAsync(Ask(Theirs), Token);
        (await first.ReadAtAsync(0, new byte[100], Token)).ShouldBe(100);
        var asked = questions;

        var reading = second.ReadAtAsync(0, new byte[100], Token).AsTask();
        await _world.PassUntilAsync(() => Volatile.Read(ref questions) > asked);
        reading.IsCompleted.ShouldBeFalse("nobody has said that it may");
        _rest.SetResult();

        await Should.ThrowAsync<ContentDeniedException>(() => _world.WhileTimePassesAsync(reading));
        await Should.ThrowAsync<ContentDeniedException>(() => _world.WhileTimePassesAsync(_world.ReadAllAsync(Ask(Theirs))));
    }

    [Fact]
    public async Task A_joiner_whose_right_shows_only_on_the_whole_waits_for_it()
    {
        var (isHere, questions) = (false, 0);
        MayShare(_ =>
        {
            var answer = Volatile.Read(ref isHere);
            Interlocked.Increment(ref questions);
            return answer;
        });
        _world.MayAwait = (_, _) => true;
        UpstreamInTwoParts();
        await using var first = await _world.Fetcher.OpenAsync(Ask(Mine), Token);
        await using var second = await _world.Fetcher.OpenAsync(Ask(Theirs), Token);
        var asked = questions;
        var reading = second.ReadAtAsync(0, new byte[100], Token).AsTask();
        await _world.PassUntilAsync(() => Volatile.Read(ref questions) > asked);
        reading.IsCompleted.ShouldBeFalse("the answer was no");
        Volatile.Write(ref isHere, true);
        _rest.SetResult();

        (await _world.WhileTimePassesAsync(reading)).ShouldBe(100);
    }

    [Fact]
    public async Task Another_login_for_the_same_repository_is_another_joiner()
    {
        MayShare(_ => false);
        UpstreamInTwoParts();
        await using var first = await WithLoginAsync("right");
        await Should.ThrowAsync<ContentDeniedException>(() => WithLoginAsync("wrong"));
        await using var third = await WithLoginAsync("right");

        (await third.ReadAtAsync(0, new byte[100], Token)).ShouldBe(100);
        _rest.SetResult();
    }

    [Fact]
    public async Task Who_began_is_asked_too_once_the_fetch_went_on_to_another_s_repository()
    {
        MayShare(asked => asked == Theirs);
        var refusal = new TaskCompletionSource();
        Upstream(new ScriptedSource(SourceKind.Upstream, _world.Content) { Ready = refusal.Task, Refusal = () => new ContentNotFoundException("not here") });
        Upstream(_world.Good(SourceKind.Upstream));
        var (first, second) = (_world.ReadAllAsync(Ask(Mine)), _world.ReadAllAsync(Ask(Theirs)));
        await _world.PassUntilAsync(() => _world.Table.Find(_world.Digest) is { Interested: 2 });
        refusal.SetResult();

        (await _world.WhileTimePassesAsync(second)).ShouldBe(_world.Content);
        await Should.ThrowAsync<ContentDeniedException>(() => _world.WhileTimePassesAsync(first));
    }

    [Fact]
    public async Task A_right_that_was_found_at_first_is_judged_again_when_the_fetch_goes_on()
    {
        var isKnown = false;
        MayShare(asked => asked == Theirs || !isKnown);
        Upstream(new ScriptedSource(SourceKind.Upstream, _world.Content) { BlockSize = 3000, Pause = (3000, _rest.Task), BreaksAfter = 3000 });
        Upstream(new ScriptedSource(SourceKind.Upstream, _world.Content) { Refusal = () => new ContentNotFoundException("not here") });
        Upstream(_world.Good(SourceKind.Upstream));
        await using var first = await _world.Fetcher.OpenAsync(Ask(Mine), Token);
        await using var other = await _world.Fetcher.OpenAsync(Ask(Third), Token);
        (await first.ReadAtAsync(0, new byte[100], Token)).ShouldBe(100);
        (await other.ReadAtAsync(0, new byte[100], Token)).ShouldBe(100, "nobody is known to hide it");

        // Another client's private repository names it, and is where the fetch goes on.
        isKnown = true;
        var second = _world.ReadAllAsync(Ask(Theirs));
        await _world.PassUntilAsync(() => _world.Table.Find(_world.Digest) is { Interested: 3 });
        _rest.SetResult();

        (await _world.WhileTimePassesAsync(second)).ShouldBe(_world.Content);
        await Should.ThrowAsync<ContentDeniedException>(() => _world.WhileTimePassesAsync(first.ReadAtAsync(10_000, new byte[100], Token).AsTask()));
        await Should.ThrowAsync<ContentDeniedException>(() => _world.WhileTimePassesAsync(other.ReadAtAsync(10_000, new byte[100], Token).AsTask()));
    }

    [Fact]
    public async Task A_right_is_not_judged_by_every_read()
    {
        var questions = 0;
        MayShare(_ => ++questions > 0);
        UpstreamInTwoParts();
        await using var first = await _world.Fetcher.OpenAsync(Ask(Mine), Token);
        await using var second = await _world.Fetcher.OpenAsync(Ask(Theirs), Token);
        (await first.ReadAtAsync(0, new byte[100], Token)).ShouldBe(100);
        questions = 0;

        for (var offset = 0; offset < 2900; offset += 100)
        {
            (await second.ReadAtAsync(offset, new byte[100], Token)).ShouldBe(100);
        }

        questions.ShouldBeLessThanOrEqualTo(1);
        _rest.SetResult();
    }

    [Fact]
    public async Task What_an_earlier_fetch_left_is_nobody_s_own()
    {
        Upstream(new ScriptedSource(SourceKind.Upstream, _world.Content) { SilentAfter = 30_000 });
        await using (var reader = await _world.Fetcher.OpenAsync(Ask(Mine), Token))
        {
            await reader.ReadAtAsync(29_000, new byte[1000], Token);
        }
        await _world.RestartAsync();
        MayShare(_ => false);
        _world.Finder.Upstreams.Clear();
        Upstream(_world.Good(SourceKind.Upstream));

        await Should.ThrowAsync<ContentDeniedException>(() => _world.WhileTimePassesAsync(_world.ReadAllAsync(Ask(Theirs)), 250));
    }

    [Fact]
    public async Task What_is_here_is_given_to_this_node_s_own_work_and_to_clients_that_may_have_it()
    {
        Upstream(_world.Good(SourceKind.Upstream));
        await _world.WhileTimePassesAsync(_world.ReadAllAsync(Ask(Mine)));
        await _world.PassUntilAsync(() => _world.Sealed.Count == 1 && _world.Table.Find(_world.Digest) is null);
        MayShare(asked => asked == Mine);

        (await _world.ReadAllAsync(Ask(Theirs) with { IsFromClient = false })).ShouldBe(_world.Content);
        (await _world.ReadAllAsync(Ask(Mine))).ShouldBe(_world.Content);
        await Should.ThrowAsync<ContentDeniedException>(() => _world.ReadAllAsync(Ask(Theirs)));
    }

    [Fact]
    public async Task The_length_of_what_arrives_for_others_is_not_told()
    {
        MayShare(asked => asked == Mine);
        UpstreamInTwoParts();
        await using var first = await _world.Fetcher.OpenAsync(Ask(Mine), Token);

        (await _world.Fetcher.StatAsync(Ask(Mine), Token)).ShouldBe(_world.Content.Length);
        (await _world.Fetcher.StatAsync(Ask(Theirs), Token)).ShouldBeNull("its own registry, which is asked instead, has no such blob");
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    private BlobRequest Ask(RepositoryName repository) => new(_world.Digest, repository) { IsFromClient = true };

    private void MayShare(Func<RepositoryName, bool> judge) => _world.MayShare = repository => ValueTask.FromResult(judge(repository));

    private void Upstream(ScriptedSource source) => _world.Finder.Upstreams.Enqueue(new Candidate("upstream", source));

    /// <summary>The first part comes in one write: once a byte of it is there, all of it is.</summary>
    private void UpstreamInTwoParts() => Upstream(new ScriptedSource(SourceKind.Upstream, _world.Content) { BlockSize = 3000, Pause = (3000, _rest.Task) });

    private async Task<IContentReader> WithLoginAsync(string password)
    {
        CallerLogin.Current = new CallerLogin(Mine, new RegistryCredential("alice", password));
        return await _world.Fetcher.OpenAsync(Ask(Mine), Token);
    }
}
