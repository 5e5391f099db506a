using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution.Credentials;
using Pier.Fetch;
using Pier.Fetch.Policy;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.TestKit.Stores;
using Pier.TestKit.Time;
using Pier.UnitTests.Fetch.Upstreams;

namespace Pier.UnitTests.Fetch.Policy;

/// <summary>Who may read what is private: proved by the upstream for whoever asks, believed for a short time, never by a member's word.</summary>
public sealed class RepositoryReadersTests : IAsyncDisposable
{
    private static readonly RepositoryName Open = new("registry.test", "open/app");
    private static readonly RepositoryName Secret = new("registry.test", "secret/app");
    private static readonly byte[] Bytes = "private"u8.ToArray();
    private static readonly Digest Blob = Digest.Compute(Bytes);

    private readonly TempFolder _folder = TempFolder.Create("readers");
    private readonly ManualTimeProvider _clock = new();
    private readonly CollectedLogs _logs = new();
    private readonly FakeUpstream _upstream = new();
    private readonly MemoryContentStore _store = new(new ManualTimeProvider());
    private readonly AccessPolicy _policy;

    public RepositoryReadersTests()
    {
        _store.Add(Bytes);
        _upstream.Add(Bytes);
        _policy = Policy(PrivateLoopback.Serve);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_member_says_opens_nothing_that_the_upstream_refuses_this_node()
    {
        await _policy.HearAsync(Secret, isVouched: false, [Blob], Token);
        Refuse();

        (await GetsAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task With_the_upstream_down_a_node_that_never_read_the_repository_itself_gives_nothing_of_it()
    {
        await _policy.HearAsync(Secret, isVouched: false, [Blob], Token);
        GoDown();

        (await GetsAsync()).ShouldBeFalse();
        (await Policy(PrivateLoopback.Serve).MayServeAsync(Blob, Secret, Door.Registry, Token)).ShouldBeFalse("nor after a restart");
    }

    [Fact]
    public async Task With_the_upstream_down_a_node_that_read_it_once_goes_on_also_after_a_restart()
    {
        await _policy.RecordAsync(Secret, isPublic: false, [Blob], Token);
        _clock.Advance(TimeSpan.FromHours(1));
        GoDown();

        (await GetsAsync()).ShouldBeTrue();
        (await Policy(PrivateLoopback.Serve).MayServeAsync(Blob, Secret, Door.Registry, Token)).ShouldBeTrue();
        Refuse();
        (await GetsAsync()).ShouldBeFalse("its login was withdrawn since");
    }

    [Fact]
    public async Task A_proof_holds_for_a_short_time_and_is_asked_for_again_then()
    {
        await _policy.HearAsync(Secret, isVouched: false, [Blob], Token);
        (await GetsAsync()).ShouldBeTrue();
        var asked = _upstream.Sizes;
        Refuse();

        (await GetsAsync()).ShouldBeTrue("it was proved a moment ago");
        _upstream.Sizes.ShouldBe(asked);
        _clock.Advance(TimeSpan.FromMinutes(1));
        (await GetsAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task A_login_is_judged_by_itself_and_nobody_else_gains_by_it()
    {
        await WithAsync("right", async () => await _policy.ProveAsync(Secret, Blob, wasAnonymous: false, Token));
        Refuse();

        (await WithAsync("right", GetsAsync)).ShouldBeTrue();
        (await WithAsync("wrong", GetsAsync)).ShouldBeFalse();
        (await GetsAsync()).ShouldBeFalse("who gives no login gets what this node may have, which is nothing");
        GoDown();
        (await GetsAsync()).ShouldBeFalse("also while the upstream is down");
        (await WithAsync("right", GetsAsync)).ShouldBeTrue("proved a moment ago");
        _clock.Advance(TimeSpan.FromMinutes(1));
        await Should.ThrowAsync<ContentUnavailableException>(() => WithAsync("right", GetsAsync));
    }

    [Fact]
    public async Task What_this_node_may_read_a_wrong_login_may_not()
    {
        await _policy.RecordAsync(Secret, isPublic: false, [Blob], Token);
        Refuse();

        (await GetsAsync()).ShouldBeTrue();
        (await WithAsync("wrong", GetsAsync)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_login_for_one_repository_is_none_for_another()
    {
        await WithAsync("right", async () => await _policy.ProveAsync(Secret, Blob, wasAnonymous: false, Token));
        Refuse();

        CallerLogin.Current = new CallerLogin(Open, new RegistryCredential("alice", "right"));
        (await GetsAsync()).ShouldBeFalse();
        CallerLogin.Current = null;
    }

    [Fact]
    public async Task A_login_of_its_own_is_served_where_loopback_alone_is_not()
    {
        var policy = Policy(PrivateLoopback.Deny);
        await policy.RecordAsync(Secret, isPublic: false, [Blob], Token);

        (await policy.MayServeAsync(Blob, Secret, Door.Registry, Token)).ShouldBeFalse();
        (await WithAsync("right", async () => await policy.MayServeAsync(Blob, Secret, Door.Registry, Token))).ShouldBeTrue();
    }

    [Fact]
    public async Task Other_hosts_get_by_a_login_of_their_own_what_this_host_gets_by_this_node_s()
    {
        await _policy.RecordAsync(Secret, isPublic: false, [Blob], Token);
        var absent = Digest.Compute("not here yet"u8);

        (await GetsAsync()).ShouldBeTrue();
        (await _policy.MayServeAsync(Blob, Secret, Door.RemoteRegistry, Token)).ShouldBeFalse();
        (await _policy.MayServeAsync(absent, Secret, Door.RemoteRegistry, Token)).ShouldBeFalse("it would be fetched with this node's login");
        (await WithAsync("right", async () => await _policy.MayServeAsync(Blob, Secret, Door.RemoteRegistry, Token))).ShouldBeTrue();
        await _policy.RecordAsync(Open, isPublic: true, [], Token);
        (await _policy.MayServeAsync(absent, Open, Door.RemoteRegistry, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_member_s_word_that_a_repository_is_public_counts_until_this_node_found_out_itself()
    {
        GoDown();
        await _policy.HearAsync(Open, isVouched: true, [Blob], Token);
        (await _policy.MayServeAsync(Blob, Open, Door.Registry, Token)).ShouldBeTrue();

        await _policy.RecordAsync(Open, isPublic: false, [], Token);
        await _policy.HearAsync(Open, isVouched: true, [Blob], Token);
        (await _policy.MayServeAsync(Blob, null, Door.WebSeed, Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task What_came_here_by_no_repository_is_opened_by_none_that_only_names_it()
    {
        _policy.Hide([Blob]);
        await _policy.RecordAsync(Open, isPublic: true, [Blob], Token);
        Refuse();

        (await _policy.MayServeAsync(Blob, Open, Door.Registry, Token)).ShouldBeFalse();
        (await _policy.MayServeAsync(Blob, Open, Door.NodePort, Token)).ShouldBeFalse();
        (await _policy.MayServeAsync(Blob, null, Door.Swarm, Token)).ShouldBeFalse();
        (await _policy.MayServeAsync(Blob, null, Door.WebSeed, Token)).ShouldBeFalse();
        (await Policy(PrivateLoopback.Serve).MayServeAsync(Blob, null, Door.WebSeed, Token)).ShouldBeFalse("also after a restart");

        _upstream.Failure = null;
        (await _policy.MayServeAsync(Blob, Open, Door.Registry, Token)).ShouldBeTrue("this repository's upstream has it");
        (await _policy.MayServeAsync(Blob, null, Door.WebSeed, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task Members_get_what_came_by_no_repository_only_under_one_that_has_it()
    {
        _policy.Hide([Blob]);
        (await _policy.MayServeAsync(Blob, Secret, Door.NodePort, Token)).ShouldBeTrue();

        var other = Digest.Compute("another"u8);
        _policy.Hide([other]);
        (await _policy.MayServeAsync(other, Secret, Door.NodePort, Token)).ShouldBeFalse();
    }

    public async ValueTask DisposeAsync()
    {
        await _folder.DisposeAsync();
        _logs.Dispose();
    }

    private async Task<bool> GetsAsync() => await _policy.MayServeAsync(Blob, Secret, Door.Registry, Token);

    private static async Task<T> WithAsync<T>(string password, Func<Task<T>> act)
    {
        CallerLogin.Current = new CallerLogin(Secret, new RegistryCredential("alice", password));
        return await act();
    }

    private static async Task WithAsync(string password, Func<Task> act)
    {
        CallerLogin.Current = new CallerLogin(Secret, new RegistryCredential("alice", password));
        await act();
    }

    private void Refuse() => _upstream.Failure = () => new ContentDeniedException("401");

    private void GoDown() => _upstream.Failure = () => new ContentUnavailableException("no route");

    private AccessPolicy Policy(PrivateLoopback loopback)
    {
        var options = new FetchOptions { AccessFolder = _folder.Below("access"), PrivateLoopback = loopback };
        return new(
            new AccessRecords(options.AccessFolder, _logs.CreateLogger<AccessRecords>()), _store, _upstream, options, _clock, _logs.CreateLogger<AccessPolicy>());
    }
}
