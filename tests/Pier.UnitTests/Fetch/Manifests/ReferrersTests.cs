using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution.Credentials;
using Pier.Distribution.Errors;

namespace Pier.UnitTests.Fetch.Manifests;

/// <summary>What refers to a manifest, while the upstream answers, refuses and is down.</summary>
public sealed class ReferrersTests : ManifestSetting
{
    private static readonly Digest Subject = Digest.Compute("subject"u8);

    [Fact]
    public async Task The_upstream_s_answer_is_passed_through_and_kept_for_when_it_is_down()
    {
        Upstream.Referrers = "one"u8.ToArray();
        Upstream.Tag("v1", Manifest("a"));
        await ByTagAsync("v1");

        var first = await ListAsync();
        (first.IsFiltered, first.Next, first.Warning).ShouldBe((true, "last=x", null));
        Upstream.Referrers = "two"u8.ToArray();
        (await ListAsync()).Index.ToArray().ShouldBe("two"u8.ToArray());
        Upstream.Failure = () => new ContentUnavailableException("no route");

        var stale = await ListAsync();

        stale.Index.ToArray().ShouldBe("two"u8.ToArray());
        (stale.IsFiltered, stale.Next).ShouldBe((true, "last=x"));
        stale.Warning.ShouldNotBeNull().ShouldContain("Stale");
        (await Should.ThrowAsync<ContentUnavailableException>(() => ListAsync("artifactType=other"))).Message.ShouldContain("could not be reached");
    }

    [Fact]
    public async Task A_refusal_is_no_reason_to_remember()
    {
        await ListAsync();
        Upstream.Failure = () => new ContentDeniedException("401");

        await Should.ThrowAsync<ContentDeniedException>(() => ListAsync());
    }

    [Fact]
    public async Task What_a_login_was_told_is_not_told_to_others_while_the_upstream_is_down()
    {
        Upstream.Anonymous = false;
        Upstream.Referrers = """{"manifests":[{"digest":"sha256:1"}]}"""u8.ToArray();
        await WithLoginAsync();
        Upstream.Failure = () => new ContentUnavailableException("no route");

        await Should.ThrowAsync<ContentUnavailableException>(() => ListAsync());
        (await WithLoginAsync()).Warning.ShouldNotBeNull("its proof still holds");
    }

    [Fact]
    public async Task An_empty_list_proves_nothing_of_a_login()
    {
        Upstream.Anonymous = false;
        await WithLoginAsync();
        Upstream.Failure = () => new ContentUnavailableException("no route");

        await Should.ThrowAsync<ContentUnavailableException>(WithLoginAsync);
    }

    [Fact]
    public async Task A_registry_that_does_not_like_the_question_is_not_taken_for_down()
    {
        Upstream.Failure = () => new ContentUnavailableException("405", new UpstreamException(UpstreamFailure.BadAnswer, "405"));
        await Should.ThrowAsync<ContentUnavailableException>(() => ListAsync());

        Upstream.Failure = null;
        (await ListAsync()).Warning.ShouldBeNull();
    }

    private async Task<ReferrersPage> WithLoginAsync()
    {
        CallerLogin.Current = new CallerLogin(Repository, new RegistryCredential("alice", "s3cret"));
        return await ListAsync();
    }

    private Task<ReferrersPage> ListAsync(string query = "") => Fetcher.ListReferrersAsync(Repository, Subject, query, Token).AsTask();
}
