using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Distribution.Errors;
using Pier.TestKit;
using MemberTagRecord = Pier.Membership.Client.TagRecord;

namespace Pier.UnitTests.Fetch.Manifests;

/// <summary>Tags and manifests while the upstream answers, fails, is silent, or is contradicted by memory.</summary>
public sealed class ManifestFetcherTests : ManifestSetting
{
    [Fact]
    public async Task A_tag_is_one_head_and_one_get_and_then_one_head()
    {
        var manifest = Manifest("a");
        Upstream.Tag("v1", manifest);

        (await ByTagAsync("v1")).Content.ToArray().ShouldBe(manifest.Content.ToArray());
        (await ByTagAsync("v1")).Warning.ShouldBeNull();

        (Upstream.Heads, Upstream.Gets).ShouldBe((2, 1));
        (await Store.StatAsync(manifest.Digest, Token)).ShouldNotBeNull();
        TagStore.Find(Repository, "v1")!.Digest.ShouldBe(manifest.Digest);
    }

    [Fact]
    public async Task A_moved_tag_is_noticed()
    {
        Upstream.Tag("v1", Manifest("old"));
        await ByTagAsync("v1");
        var moved = Manifest("new");
        Upstream.Tag("v1", moved);

        (await ByTagAsync("v1")).Digest.ShouldBe(moved.Digest);
    }

    [Fact]
    public async Task Many_that_ask_at_once_share_one_head()
    {
        var answers = new TaskCompletionSource();
        Upstream.Answers = answers.Task;
        Upstream.Tag("v1", Manifest("a"));

        var all = Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ByTagAsync("v1")));
        answers.SetResult();

        (await all).Length.ShouldBe(10);
        Upstream.Heads.ShouldBe(1);
    }

    [Fact]
    public async Task A_registry_that_fails_over_one_digest_is_asked_other_things()
    {
        // As Docker's own does when asked for a blob as a manifest.
        Upstream.Failure = static () => new ContentUnavailableException("500", new UpstreamException(UpstreamFailure.ServerFailed, "500"));
        await Should.ThrowAsync<ContentUnavailableException>(() => Fetcher.ByDigestAsync(Repository, Manifest("none").Digest, Token).AsTask());
        Upstream.Failure = null;
        var manifest = Manifest("a");
        Upstream.Tag("v1", manifest);

        (await ByTagAsync("v1")).Digest.ShouldBe(manifest.Digest);
    }

    [Fact]
    public async Task A_silentUpstream_is_given_two_seconds_and_then_the_last_known_answer_is_given_with_a_warning()
    {
        var manifest = Manifest("a");
        Upstream.Tag("v1", manifest);
        await ByTagAsync("v1");
        Upstream.Answers = new TaskCompletionSource().Task;
        var start = Clock.GetUtcNow();

        var stale = await WhileTimePassesAsync(ByTagAsync("v1"));

        stale.Digest.ShouldBe(manifest.Digest);
        stale.Warning.ShouldNotBeNull().ShouldStartWith("110 pier \"Response is Stale");
        (Clock.GetUtcNow() - start).ShouldBeInRange(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task The_request_after_a_silent_one_does_not_wait_again()
    {
        Upstream.Tag("v1", Manifest("a"));
        await ByTagAsync("v1");
        Upstream.Answers = new TaskCompletionSource().Task;
        await WhileTimePassesAsync(ByTagAsync("v1"));
        var heads = Upstream.Heads;

        (await ByTagAsync("v1")).Warning.ShouldNotBeNull();

        Upstream.Heads.ShouldBe(heads);
    }

    [Fact]
    public async Task A_failingUpstream_is_asked_again_after_its_pause()
    {
        Upstream.Tag("v1", Manifest("a"));
        await ByTagAsync("v1");
        Upstream.Failure = () => new ContentUnavailableException("503");
        (await ByTagAsync("v1")).Warning.ShouldNotBeNull();
        Upstream.Failure = null;

        Clock.Advance(TimeSpan.FromSeconds(6));

        (await ByTagAsync("v1")).Warning.ShouldBeNull();
    }

    [Fact]
    public async Task The_newest_memory_wins_when_a_member_knows_better()
    {
        Upstream.Tag("v1", Manifest("old"));
        await ByTagAsync("v1");
        var newer = Manifest("new");
        Members.Manifests[newer.Digest] = newer;
        Members.Tags["v1"] = new MemberTagRecord(newer.Digest, newer.MediaType, Clock.GetUtcNow().AddMinutes(1));
        Upstream.Failure = () => new ContentUnavailableException("no route");

        (await ByTagAsync("v1")).Digest.ShouldBe(newer.Digest);

        TagStore.Find(Repository, "v1")!.When.ShouldBe(Clock.GetUtcNow().AddMinutes(1));
    }

    [Fact]
    public async Task A_tag_that_theUpstream_does_not_have_is_not_served_from_memory()
    {
        Upstream.Tag("v1", Manifest("a"));
        await ByTagAsync("v1");

        await Should.ThrowAsync<ContentNotFoundException>(() => ByTagAsync("v2"));
    }

    [Fact]
    public async Task Refused_credentials_are_not_answered_from_memory()
    {
        Upstream.Tag("v1", Manifest("a"));
        await ByTagAsync("v1");
        Upstream.Failure = () => new ContentDeniedException("401");

        await Should.ThrowAsync<ContentDeniedException>(() => ByTagAsync("v1"));
    }

    [Fact]
    public async Task A_tag_that_nobody_remembers_is_unavailable_and_says_why()
    {
        Upstream.Failure = () => new ContentUnavailableException("connection refused");

        (await Should.ThrowAsync<ContentUnavailableException>(() => ByTagAsync("v1"))).Message.ShouldContain("connection refused");
    }

    [Fact]
    public async Task A_public_repository_makes_its_blobs_public()
    {
        var manifest = Manifest("a");
        Upstream.Tag("v1", manifest);

        await ByTagAsync("v1");

        var layer = ManifestParser.Parse(manifest.MediaType, manifest.Content).References[1].Digest;
        (await Policy.MayServeAsync(layer, null, Door.Swarm, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task What_credentials_brought_is_private_unless_anyone_may_have_it()
    {
        var manifest = Manifest("a");
        Upstream.Tag("v1", manifest);
        Upstream.Anonymous = false;

        await ByTagAsync("v1");
        (await Policy.MayServeAsync(manifest.Digest, null, Door.Swarm, Token)).ShouldBeFalse();

        Clock.Advance(TimeSpan.FromHours(25));
        Upstream.IsPublic = true;
        Upstream.Tag("v2", Manifest("b"));
        await ByTagAsync("v2");
        (await Policy.MayServeAsync(manifest.Digest, null, Door.Swarm, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_member_s_manifest_is_no_finding_about_the_repository()
    {
        var manifest = Manifest("a");
        Members.Manifests[manifest.Digest] = manifest;
        Upstream.Tag("v1", manifest);
        await Fetcher.ByDigestAsync(Repository, manifest.Digest, Token);
        (await Policy.MayServeAsync(manifest.Digest, null, Door.Swarm, Token)).ShouldBeFalse();

        Upstream.Anonymous = false;
        Upstream.IsPublic = true;
        Upstream.Tag("v2", Manifest("b"));
        await ByTagAsync("v2");

        (await Policy.MayServeAsync(manifest.Digest, null, Door.Swarm, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_member_s_manifest_is_not_given_to_a_node_that_its_upstream_refuses()
    {
        var manifest = Manifest("a");
        Members.Manifests[manifest.Digest] = manifest;
        Upstream.Failure = () => new ContentDeniedException("401");

        await Should.ThrowAsync<ContentDeniedException>(() => Fetcher.ByDigestAsync(Repository, manifest.Digest, Token).AsTask());

        (await Store.StatAsync(manifest.Digest, Token)).ShouldBeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_the_upstream_gone_a_member_s_manifest_is_given_where_it_says_that_anybody_may_have_it(bool isVouched)
    {
        var manifest = Manifest("a") with { IsVouched = isVouched };
        Members.Manifests[manifest.Digest] = manifest;
        Upstream.Failure = () => new ContentUnavailableException("no route");
        var layer = ManifestParser.Parse(manifest.MediaType, manifest.Content).References[1].Digest;

        var asked = Fetcher.ByDigestAsync(Repository, manifest.Digest, Token).AsTask();

        if (isVouched)
        {
            (await asked).Digest.ShouldBe(manifest.Digest);
        }
        else
        {
            await Should.ThrowAsync<ContentDeniedException>(asked);
        }
        (await Policy.MayServeAsync(layer, null, Door.WebSeed, Token)).ShouldBe(isVouched);
    }

    [Fact]
    public async Task A_tag_that_is_pinned_while_its_upstream_is_asked_stays_where_it_was_pinned()
    {
        var (held, moved) = (Manifest("held"), Manifest("moved"));
        Upstream.Tag("v1", held);
        await ByTagAsync("v1");
        var answers = new TaskCompletionSource();
        Upstream.Answers = answers.Task;
        Upstream.Tag("v1", moved);

        var asking = ByTagAsync("v1");
        await Eventually.TrueAsync(() => Upstream.Heads == 2, "the upstream is asked", Eventually.Patience, Token);
        await Desk.PinAsync(new ImageReference(Repository, "v1", held.Digest), Token);
        answers.SetResult();
        await asking;

        TagStore.Find(Repository, "v1").ShouldNotBeNull().ShouldSatisfyAllConditions(
            tag => tag.Pinned.ShouldBeTrue(), tag => tag.Digest.ShouldBe(held.Digest));
    }
}
