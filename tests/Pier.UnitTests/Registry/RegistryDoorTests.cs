using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Registry;
using Pier.TestKit.Registry;
using Pier.TestKit.Stores;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Registry;

public sealed class RegistryDoorTests : IAsyncLifetime
{
    private static readonly byte[] Content = Encoding.ASCII.GetBytes("0123456789");
    private static readonly byte[] ManifestBytes = """{"schemaVersion":2}"""u8.ToArray();
    private static readonly Digest ManifestDigest = Digest.Compute(ManifestBytes);

    private readonly MemoryContentStore _store = new(new ManualTimeProvider());
    private readonly FakeDelivery _delivery;
    private readonly Digest _blob;
    private RegistryServer _server = null!;

    public RegistryDoorTests()
    {
        _blob = _store.Add(Content);
        _delivery = new FakeDelivery(_store) { Manifest = new ManifestDocument(ManifestDigest, MediaTypes.OciManifest, ManifestBytes) };
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _server = await RegistryServer.StartAsync(_delivery, new MirrorOptions { Pseudonym = "pier-abc" }, Cancel);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("/v2/")]
    [InlineData("/v2")]
    public async Task The_base_says_that_this_is_a_registry(string path)
    {
        using var answer = await SendAsync(HttpMethod.Get, path);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(answer, "Docker-Distribution-Api-Version").ShouldBe("registry/2.0");
        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldBe("{}");
    }

    [Fact]
    public async Task A_blob_comes_whole_with_its_names()
    {
        using var answer = await SendAsync(HttpMethod.Get, $"/v2/ghcr.io/a/b/blobs/{_blob}", ("Accept-Encoding", "zstd, gzip, deflate"));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsByteArrayAsync(Cancel)).ShouldBe(Content);
        answer.Content.Headers.ContentLength.ShouldBe(10);
        answer.Content.Headers.ContentEncoding.ShouldBeEmpty();
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/octet-stream");
        Header(answer, "Docker-Content-Digest").ShouldBe(_blob.ToString());
        Header(answer, "ETag").ShouldBe($"\"{_blob}\"");
        Header(answer, "Accept-Ranges").ShouldBe("bytes");
        _delivery.Calls.ShouldBe([$"open ghcr.io/a/b {_blob}"]);
    }

    [Fact]
    public async Task HEAD_of_a_blob_tells_its_size_and_fetches_nothing()
    {
        using var answer = await SendAsync(HttpMethod.Head, $"/v2/busybox/blobs/{_blob}", ("Range", "bytes=2-3"));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentLength.ShouldBe(10);
        Header(answer, "Docker-Content-Digest").ShouldBe(_blob.ToString());
        _delivery.Calls.ShouldBe([$"stat docker.io/library/busybox {_blob}"]);
    }

    [Theory]
    [InlineData("bytes=2-4", "234", "bytes 2-4/10")]
    [InlineData("bytes=7-", "789", "bytes 7-9/10")]
    [InlineData("bytes=-2", "89", "bytes 8-9/10")]
    public async Task A_range_comes_alone(string range, string expected, string contentRange)
    {
        using var answer = await SendAsync(HttpMethod.Get, $"/v2/a/b/blobs/{_blob}", ("Range", range));

        answer.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldBe(expected);
        Header(answer, "Content-Range").ShouldBe(contentRange);
    }

    [Fact]
    public async Task A_range_beyond_the_end_is_416_with_the_length()
    {
        using var answer = await SendAsync(HttpMethod.Get, $"/v2/a/b/blobs/{_blob}", ("Range", "bytes=10-"));

        answer.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
        Header(answer, "Content-Range").ShouldBe("bytes */10");
    }

    [Fact]
    public async Task A_range_of_another_version_brings_the_whole()
    {
        using var other = await SendAsync(HttpMethod.Get, $"/v2/a/b/blobs/{_blob}", ("Range", "bytes=2-4"), ("If-Range", "\"x\""));
        using var same = await SendAsync(HttpMethod.Get, $"/v2/a/b/blobs/{_blob}", ("Range", "bytes=2-4"), ("If-Range", $"\"{_blob}\""));

        other.StatusCode.ShouldBe(HttpStatusCode.OK);
        same.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
    }

    [Fact]
    public async Task Who_has_it_already_gets_304()
    {
        using var blob = await SendAsync(HttpMethod.Get, $"/v2/a/b/blobs/{_blob}", ("If-None-Match", $"\"x\", \"{_blob}\""));
        using var manifest = await SendAsync(HttpMethod.Get, "/v2/a/b/manifests/1", ("If-None-Match", $"\"{ManifestDigest}\""));

        blob.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        manifest.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task The_empty_blob_is_sent()
    {
        using var answer = await SendAsync(HttpMethod.Get, $"/v2/a/b/blobs/{_store.Add([])}");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentLength.ShouldBe(0);
    }

    [Fact]
    public async Task Headers_come_before_the_first_byte_and_bytes_as_they_arrive()
    {
        var arriving = new ArrivingReader(_blob, 10);
        _delivery.Reader = arriving;

        using var answer = await _server.Http.GetAsync(new Uri($"/v2/a/b/blobs/{_blob}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancel);
        answer.Content.Headers.ContentLength.ShouldBe(10);
        await using var body = await answer.Content.ReadAsStreamAsync(Cancel);
        await arriving.ArriveAsync(Content[..4], Cancel);
        var first = new byte[4];
        await body.ReadExactlyAsync(first, Cancel);
        first.ShouldBe(Content[..4]);
        await arriving.ArriveAsync(Content[4..], Cancel);
        var rest = new byte[6];
        await body.ReadExactlyAsync(rest, Cancel);

        rest.ShouldBe(Content[4..]);
        await arriving.Closed.WaitAsync(Cancel);
    }

    [Fact]
    public async Task A_client_that_leaves_early_is_let_go_without_a_word()
    {
        var arriving = new ArrivingReader(_blob, 10);
        _delivery.Reader = arriving;
        var answer = await _server.Http.GetAsync(new Uri($"/v2/a/b/blobs/{_blob}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancel);
        await arriving.Waiting.WaitAsync(Cancel);

        answer.Dispose();

        await arriving.Closed.WaitAsync(Cancel);
        _server.Logs.Entries.ShouldNotContain(entry => entry.Level >= Microsoft.Extensions.Logging.LogLevel.Warning);
    }

    [Fact]
    public async Task When_no_source_is_left_the_body_breaks_off()
    {
        var arriving = new ArrivingReader(_blob, 10);
        _delivery.Reader = arriving;
        using var answer = await _server.Http.GetAsync(new Uri($"/v2/a/b/blobs/{_blob}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancel);
        await arriving.ArriveAsync(Content[..4], Cancel);
        arriving.Fail(new ContentUnavailableException("all gone"));

        await Should.ThrowAsync<HttpRequestException>(() => answer.Content.ReadAsByteArrayAsync(Cancel));
        _server.Logs.Has(6001).ShouldBeTrue();
    }

    [Theory]
    [InlineData("GET", "/v2/library/busybox/manifests/latest", "tag docker.io/library/busybox latest")]
    [InlineData("HEAD", "/v2/library/busybox/manifests/latest?ns=docker.io", "tag docker.io/library/busybox latest")]
    [InlineData("GET", "/v2/a/b/manifests/DIGEST?ns=ghcr.io", "manifest ghcr.io/a/b DIGEST")]
    public async Task A_manifest_comes_as_it_was_published(string method, string path, string call)
    {
        using var answer = await SendAsync(new HttpMethod(method), path.Replace("DIGEST", ManifestDigest.ToString(), StringComparison.Ordinal));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(answer, "Docker-Content-Digest").ShouldBe(ManifestDigest.ToString());
        answer.Content.Headers.ContentLength.ShouldBe(ManifestBytes.Length);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe(MediaTypes.OciManifest);
        (await answer.Content.ReadAsByteArrayAsync(Cancel)).ShouldBe(method == "HEAD" ? [] : ManifestBytes);
        answer.Headers.Contains("Warning").ShouldBeFalse();
        _delivery.Calls.ShouldBe([call.Replace("DIGEST", ManifestDigest.ToString(), StringComparison.Ordinal)]);
    }

    [Fact]
    public async Task A_stale_answer_carries_its_warning()
    {
        _delivery.Manifest = _delivery.Manifest! with { Warning = "docker.io did not answer; this is what it said 3 days ago" };
        using var answer = await SendAsync(HttpMethod.Head, "/v2/a/b/manifests/1");

        Header(answer, "Warning").ShouldBe("299 - \"docker.io did not answer; this is what it said 3 days ago\"");
    }

    [Fact]
    public async Task Who_does_not_take_the_type_is_sent_elsewhere()
    {
        using var refused = await SendAsync(HttpMethod.Get, "/v2/a/b/manifests/1", ("Accept", MediaTypes.DockerManifest));
        using var taken = await SendAsync(HttpMethod.Get, "/v2/a/b/manifests/1", ("Accept", MediaTypes.DockerManifest), ("Accept", MediaTypes.OciManifest));

        (await CodeAsync(refused)).ShouldBe((404, "MANIFEST_UNKNOWN"));
        taken.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Tags_are_passed_through_with_the_way_to_the_next_page()
    {
        _delivery.Page = new TagPage(["1", "2 b"], HasMore: true);
        using var answer = await SendAsync(HttpMethod.Get, "/v2/a/b/tags/list?n=2&last=0&ns=ghcr.io");

        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldBe("""{"name":"a/b","tags":["1","2 b"]}""");
        Header(answer, "Link").ShouldBe("</v2/a/b/tags/list?last=2%20b&n=2&ns=ghcr.io>; rel=\"next\"");
        _delivery.Calls.ShouldBe(["tags ghcr.io/a/b n=2 last=0"]);
    }

    [Fact]
    public async Task The_last_page_of_tags_has_no_link_and_n_of_0_asks_nobody()
    {
        _delivery.Page = new TagPage(["1"], HasMore: false);
        using var all = await SendAsync(HttpMethod.Get, "/v2/a/b/tags/list");
        using var none = await SendAsync(HttpMethod.Get, "/v2/a/b/tags/list?n=0");

        all.Headers.Contains("Link").ShouldBeFalse();
        (await none.Content.ReadAsStringAsync(Cancel)).ShouldBe("""{"name":"a/b","tags":[]}""");
        _delivery.Calls.ShouldBe(["tags docker.io/a/b n= last="]);
    }

    [Theory]
    [InlineData("GET", "/v2/a/b/blobs/sha256:xyz", 400, "DIGEST_INVALID")]
    [InlineData("GET", "/v2/a/b/manifests/sha256:xyz", 400, "DIGEST_INVALID")]
    [InlineData("GET", "/v2/a/b/manifests/-x", 400, "MANIFEST_INVALID")]
    [InlineData("GET", "/v2/a/B/manifests/1", 400, "NAME_INVALID")]
    [InlineData("GET", "/v2/a/b/manifests/1?ns=a%20b", 400, "NAME_INVALID")]
    [InlineData("GET", "/v2/a/b/manifests/1?ns=169.254.169.254", 403, "DENIED")]
    [InlineData("GET", "/v2/a/b/tags/list?n=-1", 400, "UNSUPPORTED")]
    [InlineData("GET", "/v2/a/b/tags/list?n=x", 400, "UNSUPPORTED")]
    [InlineData("GET", "/v2/_catalog", 404, "UNSUPPORTED")]
    [InlineData("GET", "/v2/a/b/referrers/sha256:x", 404, "UNSUPPORTED")]
    [InlineData("GET", "/v2/local/x/manifests/1", 404, "NAME_UNKNOWN")]
    [InlineData("GET", "/v2/pier/frontend/blobs/sha256:x", 404, "NAME_UNKNOWN")]
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

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _server.Http.SendAsync(request, Cancel);
    }

    private static string Header(HttpResponseMessage answer, string name) =>
        (answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values)
            ? values
            : answer.Headers.NonValidated.TryGetValues(name, out var raw) ? raw : []).ShouldHaveSingleItem();

    private static async Task<(int Status, string? Code)> CodeAsync(HttpResponseMessage answer)
    {
        answer.Content.Headers.ContentType.ShouldBe(new MediaTypeHeaderValue("application/json"));
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));
        var error = document.RootElement.GetProperty("errors")[0];
        error.GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
        return ((int)answer.StatusCode, error.GetProperty("code").GetString());
    }
}
