using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Fetch;
using Pier.Fetch.Manifests;

namespace Pier.UnitTests.Fetch.Manifests;

/// <summary>How long the answer for a tag is believed, and tags that are held where they are.</summary>
public sealed class TagFreshnessTests : ManifestSetting
{
    private static readonly ImageReference Image = ImageReference.Parse("registry.test/team/app:v1");

    public TagFreshnessTests()
        : base(new Dictionary<string, RegistryPolicy>(StringComparer.Ordinal) { ["fresh.test"] = new(TagFreshness: TimeSpan.FromMinutes(10)) })
    {
    }

    [Fact]
    public async Task An_answer_is_believed_as_long_as_its_registry_allows()
    {
        var repository = new RepositoryName("fresh.test", "team/app");
        Upstream.Tag("v1", Manifest("old"));
        var old = await Fetcher.ByTagAsync(repository, "v1", Token);
        Upstream.Tag("v1", Manifest("new"));

        (await Fetcher.ByTagAsync(repository, "v1", Token)).ShouldSatisfyAllConditions(
            now => now.Digest.ShouldBe(old.Digest), now => now.Warning.ShouldBeNull());
        Upstream.Heads.ShouldBe(1);

        Clock.Advance(TimeSpan.FromMinutes(10));
        (await Fetcher.ByTagAsync(repository, "v1", Token)).Digest.ShouldNotBe(old.Digest);
    }

    [Fact]
    public async Task A_refresh_asks_however_fresh_the_answer_is_and_tells_what_changed()
    {
        var repository = new RepositoryName("fresh.test", "team/app");
        Upstream.Tag("v1", Manifest("old"));
        var old = await Fetcher.ByTagAsync(repository, "v1", Token);
        var moved = Manifest("new");
        Upstream.Tag("v1", moved);

        var (before, now) = await Desk.RefreshAsync(ImageReference.Parse("fresh.test/team/app:v1"), Token);

        (before!.Digest, now.Digest).ShouldBe((old.Digest, moved.Digest));
        (await Fetcher.ByTagAsync(repository, "v1", Token)).Digest.ShouldBe(moved.Digest);
    }

    [Fact]
    public async Task A_refresh_without_an_answer_fails_and_leaves_the_last_one()
    {
        Upstream.Tag("v1", Manifest("a"));
        await ByTagAsync("v1");
        Upstream.Failure = () => new ContentUnavailableException("no route");

        await Should.ThrowAsync<ContentUnavailableException>(() => Desk.RefreshAsync(Image, Token));

        (await ByTagAsync("v1")).Warning.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_pinned_tag_stays_without_a_question_until_it_is_unpinned()
    {
        var first = Manifest("old");
        Upstream.Tag("v1", first);
        (await Desk.PinAsync(Image, Token)).Digest.ShouldBe(first.Digest);
        var heads = Upstream.Heads;
        var moved = Manifest("new");
        Upstream.Tag("v1", moved);

        (await ByTagAsync("v1")).ShouldSatisfyAllConditions(now => now.Digest.ShouldBe(first.Digest), now => now.Warning.ShouldBeNull());
        Upstream.Heads.ShouldBe(heads);
        await Should.ThrowAsync<ContentInUseException>(() => Desk.RefreshAsync(Image, Token));
        Desk.List().ShouldHaveSingleItem().Record.Pinned.ShouldBeTrue();

        Desk.Unpin(Image);
        (await ByTagAsync("v1")).Digest.ShouldBe(moved.Digest);
        Should.Throw<ContentNotFoundException>(() => Desk.Unpin(Image));
    }

    [Fact]
    public async Task A_tag_can_be_pinned_to_another_image_of_its_repository()
    {
        var older = Manifest("older");
        Upstream.Tag("v0", older);
        Upstream.Tag("v1", Manifest("a"));

        await Desk.PinAsync(Image with { Digest = older.Digest }, Token);

        (await ByTagAsync("v1")).Digest.ShouldBe(older.Digest);
        await Should.ThrowAsync<ContentNotFoundException>(() => Desk.PinAsync(Image with { Digest = Digest.Compute([9]) }, Token));
    }

    [Fact]
    public async Task This_node_s_own_tags_and_names_without_a_tag_are_refused()
    {
        await Should.ThrowAsync<ReferenceFormatException>(() => Desk.PinAsync(ImageReference.Parse("local/app:1"), Token));
        await Should.ThrowAsync<ReferenceFormatException>(() => Desk.RefreshAsync(Image with { Tag = null }, Token));
    }

    [Fact]
    public async Task Where_no_last_answer_exists_a_slow_upstream_is_waited_for_longer_than_two_seconds()
    {
        var manifest = Manifest("a");
        Upstream.Tag("v1", manifest);
        var answers = new TaskCompletionSource();
        Upstream.Answers = answers.Task;

        var asking = ByTagAsync("v1");
        await PassAsync(TimeSpan.FromSeconds(5), () => Upstream.Heads == 1);
        asking.IsCompleted.ShouldBeFalse();
        answers.SetResult();

        (await asking).Digest.ShouldBe(manifest.Digest);
    }
}
