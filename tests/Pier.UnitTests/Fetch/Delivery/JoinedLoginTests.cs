using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution.Credentials;
using Pier.Fetch.Ladder;

namespace Pier.UnitTests.Fetch.Delivery;

/// <summary>Clients with logins of their own in one fetch: what the upstream says to one of them is said to nobody else.</summary>
public sealed class JoinedLoginTests : IAsyncDisposable
{
    private static readonly RepositoryName Private = new("registry.test", "private/app");
    private static readonly string Good = new CallerLogin(Private, new RegistryCredential("alice", "good")).Mark;

    private readonly DeliveryHarness _world = new();
    private readonly TaskCompletionSource _answer = new();

    private static CancellationToken Token => DeliveryHarness.Token;

    private static string? Login => CallerLogin.For(Private)?.Mark;

    [Fact]
    public async Task A_good_login_gets_the_blob_whose_fetch_a_wrong_one_began()
    {
        Answer(() => Login == Good ? null : new ContentDeniedException("401"));
        var (first, second) = (ReadAsync("wrong"), ReadAsync("good"));
        await JoinedAsync(2);

        _answer.SetResult();

        (await _world.WhileTimePassesAsync(second)).ShouldBe(_world.Content);
        await Should.ThrowAsync<ContentDeniedException>(() => _world.WhileTimePassesAsync(first));
    }

    [Fact]
    public async Task A_wrong_login_that_joins_a_good_one_is_refused_and_does_it_no_harm()
    {
        Answer(() => Login == Good ? null : new ContentDeniedException("401"));
        var (first, second) = (ReadAsync("good"), ReadAsync("wrong"));
        await JoinedAsync(2);

        _answer.SetResult();

        (await _world.WhileTimePassesAsync(first)).ShouldBe(_world.Content);
        await Should.ThrowAsync<ContentDeniedException>(() => _world.WhileTimePassesAsync(second));
    }

    [Fact]
    public async Task Each_is_told_what_the_upstream_said_to_itself()
    {
        Answer(() => Login == Good ? new ContentNotFoundException("404") : new ContentDeniedException("401"));
        var (first, second) = (ReadAsync("wrong"), ReadAsync("good"));
        await JoinedAsync(2);

        _answer.SetResult();

        await Should.ThrowAsync<ContentDeniedException>(() => _world.WhileTimePassesAsync(first));
        await Should.ThrowAsync<ContentNotFoundException>(() => _world.WhileTimePassesAsync(second));
    }

    [Fact]
    public async Task Who_is_one_too_many_to_have_a_turn_begins_anew()
    {
        Answer(() => Login == Good ? null : new ContentDeniedException("401"));
        var wrong = new List<Task<byte[]>>();
        for (var number = 0; number < 10; number++)
        {
            wrong.Add(ReadAsync($"wrong {number}"));
            await JoinedAsync(number + 1);
        }
        var last = ReadAsync("good");
        await JoinedAsync(11);

        _answer.SetResult();

        (await _world.WhileTimePassesAsync(last)).ShouldBe(_world.Content);
        foreach (var refused in wrong)
        {
            await Should.ThrowAsync<ContentDeniedException>(() => _world.WhileTimePassesAsync(refused));
        }
    }

    [Fact]
    public async Task A_command_of_this_node_is_not_refused_what_a_client_was()
    {
        Answer(() => Login is null ? null : new ContentDeniedException("401"));
        var first = ReadAsync("wrong");
        await JoinedAsync(1);
        var whole = _world.Fetcher.CompleteAsync(new BlobRequest(_world.Digest, Private), Token);
        await JoinedAsync(2);

        _answer.SetResult();

        (await _world.WhileTimePassesAsync(whole)).ShouldNotBeNull().Problem.ShouldBeNull();
        await Should.ThrowAsync<ContentDeniedException>(() => _world.WhileTimePassesAsync(first));
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    /// <summary>The upstream answers, by the login with which it is asked, once it may; and so does the judge of who may have what came.</summary>
    private void Answer(Func<ContentException?> refusal)
    {
        _world.Finder.Upstreams.Enqueue(new Candidate("upstream", new ScriptedSource(SourceKind.Upstream, _world.Content) { Ready = _answer.Task, Refusal = refusal }));
        _world.MayShare = _ => ValueTask.FromResult(refusal() is null);
    }

    private Task JoinedAsync(int count) => _world.PassUntilAsync(() => _world.Table.Find(_world.Digest) is { } fetch && fetch.Interested == count, 1);

    private async Task<byte[]> ReadAsync(string password)
    {
        CallerLogin.Current = new CallerLogin(Private, new RegistryCredential("alice", password));
        return await _world.ReadAllAsync(new BlobRequest(_world.Digest, Private) { IsFromClient = true });
    }
}
