using System.Net;
using Pier.Content.Contracts;

namespace Pier.UnitTests.Registry;

/// <summary>What the door refuses, and in which words.</summary>
public sealed class RegistryRefusalTests : RegistryDoorSetting
{
    [Theory]
    [InlineData("GET", "/v2/a/b/blobs/sha256:xyz", 400, "DIGEST_INVALID")]
    [InlineData("GET", "/v2/a/b/manifests/sha256:xyz", 400, "DIGEST_INVALID")]
    [InlineData("GET", "/v2/a/b/manifests/-x", 400, "MANIFEST_INVALID")]
    [InlineData("GET", "/v2/a/B/manifests/1", 400, "NAME_INVALID")]
    [InlineData("GET", "/v2/a/b/manifests/1?ns=a%20b", 400, "NAME_INVALID")]
    [InlineData("GET", "/v2/a/b/manifests/1?ns=169.254.169.254", 403, "DENIED")]
    [InlineData("GET", "/v2/a/b/tags/list?n=-1", 400, "UNSUPPORTED")]
    [InlineData("GET", "/v2/a/b/tags/list?n=x", 400, "UNSUPPORTED")]
    [InlineData("POST", "/v2/_catalog", 405, "UNSUPPORTED")]
    [InlineData("GET", "/v2/a/b/referrers/sha256:x", 400, "DIGEST_INVALID")]
    [InlineData("GET", "/v2/local/x/manifests/1", 404, "NAME_UNKNOWN")]
    [InlineData("GET", "/v2/pier/frontend/blobs/sha256:x", 400, "DIGEST_INVALID")]
    [InlineData("POST", "/v2/", 405, "UNSUPPORTED")]
    [InlineData("POST", "/v2/a/b/blobs/uploads/", 403, "DENIED")]
    [InlineData("PUT", "/v2/a/b/manifests/1", 403, "DENIED")]
    [InlineData("DELETE", "/v2/a/b/manifests/1", 403, "DENIED")]
    [InlineData("POST", "/v2/local/x/blobs/uploads/", 405, "UNSUPPORTED")]
    [InlineData("PUT", "/v2/pier/x/manifests/1", 405, "UNSUPPORTED")]
    public async Task What_cannot_be_is_refused_before_anybody_is_asked(string method, string path, int status, string code)
    {
        using var answer = await SendAsync(new HttpMethod(method), path);

        (await CodeAsync(answer)).ShouldBe((status, code));
        _delivery.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_denied_push_says_what_to_do_instead()
    {
        using var answer = await SendAsync(HttpMethod.Post, "/v2/a/b/blobs/uploads/");

        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldContain("docker push a/b");
    }

    public static TheoryData<Exception, int, string> Failures() => new()
    {
        { new ContentNotFoundException("x"), 404, "BLOB_UNKNOWN" },
        { new ContentUnavailableException("x"), 503, "UNAVAILABLE" },
        { new ContentDeniedException("x"), 403, "DENIED" },
        { new ContentMismatchException("x"), 502, "DIGEST_INVALID" },
        { new ContentFormatException("x"), 502, "MANIFEST_INVALID" },
        { new ContentStorageException("x"), 500, "UNKNOWN" },
        { new InvalidOperationException("secret"), 500, "UNKNOWN" },
    };

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task Every_failure_has_its_answer(Exception failure, int status, string code)
    {
        _delivery.Failure = failure;
        using var answer = await SendAsync(HttpMethod.Get, $"/v2/a/b/blobs/{_blob}");

        (await CodeAsync(answer)).ShouldBe((status, code));
        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldNotContain("secret");
    }

    [Fact]
    public async Task An_unknown_manifest_or_repository_has_a_code_of_its_own()
    {
        _delivery.Failure = new ContentNotFoundException("x");
        using var manifest = await SendAsync(HttpMethod.Get, "/v2/a/b/manifests/1");
        using var tags = await SendAsync(HttpMethod.Get, "/v2/a/b/tags/list");
        using var head = await SendAsync(HttpMethod.Head, "/v2/a/b/manifests/1");

        (await CodeAsync(manifest)).ShouldBe((404, "MANIFEST_UNKNOWN"));
        (await CodeAsync(tags)).ShouldBe((404, "NAME_UNKNOWN"));
        head.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await head.Content.ReadAsByteArrayAsync(Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_policy_denies_is_denied()
    {
        _delivery.MayServe = false;
        using var blob = await SendAsync(HttpMethod.Get, $"/v2/a/b/blobs/{_blob}");
        using var manifest = await SendAsync(HttpMethod.Get, "/v2/a/b/manifests/1");

        (await CodeAsync(blob)).ShouldBe((403, "DENIED"));
        (await CodeAsync(manifest)).ShouldBe((403, "DENIED"));
        _delivery.Calls.ShouldNotContain(call => call.StartsWith("open", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_that_has_come_round_in_a_circle_is_refused()
    {
        using var circle = await SendAsync(HttpMethod.Get, "/v2/a/b/manifests/1", ("Via", "1.1 other, 1.1 pier-abc"));
        using var other = await SendAsync(HttpMethod.Get, "/v2/a/b/manifests/1", ("Via", "1.1 pier-def"));

        ((int)circle.StatusCode).ShouldBe(508);
        other.StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
