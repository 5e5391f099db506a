using System.Text;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Fetch;
using Pier.Fetch.Manifests;
using Pier.Fetch.Policy;
using Pier.Fetch.Upstreams;
using Pier.Store.Blobs;
using Pier.Store.Tags;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.TestKit.Time;
using Pier.UnitTests.Fetch.Upstreams;
using MemberTagRecord = Pier.Membership.Client.TagRecord;

namespace Pier.UnitTests.Fetch.Manifests;

/// <summary>Tags and manifests while the upstream answers, fails, is silent, or is contradicted by memory.</summary>
public sealed class ManifestFetcherTests : IAsyncDisposable
{
    private static readonly RepositoryName Repository = new("registry.test", "team/app");

    private readonly TempFolder _folder = TempFolder.Create("manifests");
    private readonly ManualTimeProvider _clock = new();
    private readonly CollectedLogs _logs = new();
    private readonly FakeUpstream _upstream = new();
    private readonly FakeMembers _members = new();
    private readonly FileContentStore _store;
    private readonly TagStore _tags;
    private readonly AccessPolicy _policy;
    private readonly ManifestFetcher _fetcher;

    public ManifestFetcherTests()
    {
        var options = new FetchOptions { AccessFolder = _folder.Below("access") };
        _store = new FileContentStore(_folder.MakeFolder("blobs"), _clock, _logs.CreateLogger<FileContentStore>());
        _tags = new TagStore(_folder.MakeFolder("tags"), _logs.CreateLogger<TagStore>());
        var access = new AccessRecords(options.AccessFolder, _logs.CreateLogger<AccessRecords>());
        _policy = new AccessPolicy(access, _upstream, options, _clock, _logs.CreateLogger<AccessPolicy>());
        var health = new UpstreamHealth(options, _clock);
        var visibility = new Visibility(_upstream, access, options, _clock);
        var shelf = new ManifestShelf(_store, _members, _upstream, _policy, visibility, health, options, _clock);
        var memory = new TagMemory(_tags, _members, options, _clock, _logs.CreateLogger<TagMemory>());
        _fetcher = new ManifestFetcher(shelf, memory, _upstream, health, options, _clock, _logs.CreateLogger<ManifestFetcher>());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tag_is_one_head_and_one_get_and_then_one_head()
    {
        var manifest = Manifest("a");
        _upstream.Tag("v1", manifest);

        (await ByTagAsync("v1")).Content.ToArray().ShouldBe(manifest.Content.ToArray());
        (await ByTagAsync("v1")).Warning.ShouldBeNull();

        (_upstream.Heads, _upstream.Gets).ShouldBe((2, 1));
        (await _store.StatAsync(manifest.Digest, Token)).ShouldNotBeNull();
        _tags.Find(Repository, "v1")!.Digest.ShouldBe(manifest.Digest);
    }

    [Fact]
    public async Task A_moved_tag_is_noticed()
    {
        _upstream.Tag("v1", Manifest("old"));
        await ByTagAsync("v1");
        var moved = Manifest("new");
        _upstream.Tag("v1", moved);

        (await ByTagAsync("v1")).Digest.ShouldBe(moved.Digest);
    }

    [Fact]
    public async Task Many_that_ask_at_once_share_one_head()
    {
        var answers = new TaskCompletionSource();
        _upstream.Answers = answers.Task;
        _upstream.Tag("v1", Manifest("a"));

        var all = Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ByTagAsync("v1")));
        answers.SetResult();

        (await all).Length.ShouldBe(10);
        _upstream.Heads.ShouldBe(1);
    }

    [Fact]
    public async Task A_silent_upstream_is_given_two_seconds_and_then_the_last_known_answer_is_given_with_a_warning()
    {
        var manifest = Manifest("a");
        _upstream.Tag("v1", manifest);
        await ByTagAsync("v1");
        _upstream.Answers = new TaskCompletionSource().Task;
        var start = _clock.GetUtcNow();

        var stale = await WhileTimePassesAsync(ByTagAsync("v1"));

        stale.Digest.ShouldBe(manifest.Digest);
        stale.Warning.ShouldNotBeNull().ShouldStartWith("110 pier \"Response is Stale");
        (_clock.GetUtcNow() - start).ShouldBeInRange(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task The_request_after_a_silent_one_does_not_wait_again()
    {
        _upstream.Tag("v1", Manifest("a"));
        await ByTagAsync("v1");
        _upstream.Answers = new TaskCompletionSource().Task;
        await WhileTimePassesAsync(ByTagAsync("v1"));
        var heads = _upstream.Heads;

        (await ByTagAsync("v1")).Warning.ShouldNotBeNull();

        _upstream.Heads.ShouldBe(heads);
    }

    [Fact]
    public async Task A_failing_upstream_is_asked_again_after_its_pause()
    {
        _upstream.Tag("v1", Manifest("a"));
        await ByTagAsync("v1");
        _upstream.Failure = () => new ContentUnavailableException("503");
        (await ByTagAsync("v1")).Warning.ShouldNotBeNull();
        _upstream.Failure = null;

        _clock.Advance(TimeSpan.FromSeconds(6));

        (await ByTagAsync("v1")).Warning.ShouldBeNull();
    }

    [Fact]
    public async Task The_newest_memory_wins_when_a_member_knows_better()
    {
        _upstream.Tag("v1", Manifest("old"));
        await ByTagAsync("v1");
        var newer = Manifest("new");
        _members.Manifests[newer.Digest] = newer;
        _members.Tags["v1"] = new MemberTagRecord(newer.Digest, newer.MediaType, _clock.GetUtcNow().AddMinutes(1));
        _upstream.Failure = () => new ContentUnavailableException("no route");

        (await ByTagAsync("v1")).Digest.ShouldBe(newer.Digest);

        _tags.Find(Repository, "v1")!.When.ShouldBe(_clock.GetUtcNow().AddMinutes(1));
    }

    [Fact]
    public async Task A_tag_that_the_upstream_does_not_have_is_not_served_from_memory()
    {
        _upstream.Tag("v1", Manifest("a"));
        await ByTagAsync("v1");

        await Should.ThrowAsync<ContentNotFoundException>(() => ByTagAsync("v2"));
    }

    [Fact]
    public async Task Refused_credentials_are_not_answered_from_memory()
    {
        _upstream.Tag("v1", Manifest("a"));
        await ByTagAsync("v1");
        _upstream.Failure = () => new ContentDeniedException("401");

        await Should.ThrowAsync<ContentDeniedException>(() => ByTagAsync("v1"));
    }

    [Fact]
    public async Task A_tag_that_nobody_remembers_is_unavailable_and_says_why()
    {
        _upstream.Failure = () => new ContentUnavailableException("connection refused");

        (await Should.ThrowAsync<ContentUnavailableException>(() => ByTagAsync("v1"))).Message.ShouldContain("connection refused");
    }

    [Fact]
    public async Task A_public_repository_makes_its_blobs_public()
    {
        var manifest = Manifest("a");
        _upstream.Tag("v1", manifest);

        await ByTagAsync("v1");

        var layer = ManifestParser.Parse(manifest.MediaType, manifest.Content).References[1].Digest;
        (await _policy.MayServeAsync(layer, null, Door.Swarm, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task What_credentials_brought_is_private_unless_anyone_may_have_it()
    {
        var manifest = Manifest("a");
        _upstream.Tag("v1", manifest);
        _upstream.Anonymous = false;

        await ByTagAsync("v1");
        (await _policy.MayServeAsync(manifest.Digest, null, Door.Swarm, Token)).ShouldBeFalse();

        _clock.Advance(TimeSpan.FromHours(25));
        _upstream.IsPublic = true;
        _upstream.Tag("v2", Manifest("b"));
        await ByTagAsync("v2");
        (await _policy.MayServeAsync(manifest.Digest, null, Door.Swarm, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_member_s_manifest_is_no_finding_about_the_repository()
    {
        var manifest = Manifest("a");
        _members.Manifests[manifest.Digest] = manifest;
        await _fetcher.ByDigestAsync(Repository, manifest.Digest, Token);
        (await _policy.MayServeAsync(manifest.Digest, null, Door.Swarm, Token)).ShouldBeFalse();

        _upstream.Anonymous = false;
        _upstream.IsPublic = true;
        _upstream.Tag("v2", Manifest("b"));
        await ByTagAsync("v2");

        (await _policy.MayServeAsync(manifest.Digest, null, Door.Swarm, Token)).ShouldBeTrue();
    }

    public async ValueTask DisposeAsync()
    {
        await _folder.DisposeAsync();
        _logs.Dispose();
    }

    private Task<ManifestDocument> ByTagAsync(string tag) => _fetcher.ByTagAsync(Repository, tag, Token).AsTask();

    private async Task<T> WhileTimePassesAsync<T>(Task<T> work)
    {
        await Eventually.TrueAsync(
            () =>
            {
                if (!work.IsCompleted)
                {
                    _clock.Advance(TimeSpan.FromMilliseconds(100));
                }
                return work.IsCompleted;
            },
            "the answer comes", TimeSpan.FromSeconds(20), Token);
        return await work;
    }

    private static ManifestDocument Manifest(string mark)
    {
        var layer = Digest.Compute(Encoding.UTF8.GetBytes(mark));
        var content = Encoding.UTF8.GetBytes(
            $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}",
             "config":{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{Digest.Compute("{}"u8)}}","size":2},
             "layers":[{"mediaType":"{{MediaTypes.OciLayer}}","digest":"{{layer}}","size":{{mark.Length}}}]}
            """);
        return new ManifestDocument(Digest.Compute(content), MediaTypes.OciManifest, content);
    }
}
