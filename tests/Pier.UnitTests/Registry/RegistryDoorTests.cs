using System.Net;
using System.Text;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;

namespace Pier.UnitTests.Registry;

public sealed class RegistryDoorTests : RegistryDoorSetting
{
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

    [Theory]
    [InlineData("/v2/a/b/tags/list")]
    [InlineData("/v2/a/b/referrers/{0}")]
    public async Task Lists_are_for_whom_the_policy_lets_have_them(string path)
    {
        _delivery.Page = new TagPage(["1"], HasMore: false);
        _delivery.MayServe = false;

        using var answer = await SendAsync(HttpMethod.Get, path.Replace("{0}", ManifestDigest.ToString(), StringComparison.Ordinal));

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("/v2/a/b/referrers/{0}?ns=ghcr.io&artifactType=x%2Fy", "referrers ghcr.io/a/b {0} artifactType=x%2Fy", "</v2/a/b/referrers/{0}?last=z&ns=ghcr.io>; rel=\"next\"")]
    [InlineData("/v2/ghcr.io/a/b/referrers/{0}", "referrers ghcr.io/a/b {0} ", "</v2/ghcr.io/a/b/referrers/{0}?last=z>; rel=\"next\"")]
    public async Task Referrers_of_mirrored_repositories_are_passed_through(string path, string call, string link)
    {
        _delivery.Referrers = new ReferrersPage("{}"u8.ToArray(), IsFiltered: true, Next: "last=z", Warning: "old");

        using var answer = await SendAsync(HttpMethod.Get, Of(path));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        _delivery.Calls.ShouldHaveSingleItem().ShouldBe(Of(call));
        Header(answer, "Link").ShouldBe(Of(link));
        Header(answer, "OCI-Filters-Applied").ShouldBe("artifactType");
        Header(answer, "Content-Type").ShouldBe(MediaTypes.OciIndex);
        Header(answer, "Warning").ShouldContain("old");
        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldBe("{}");

        string Of(string pattern) => pattern.Replace("{0}", ManifestDigest.ToString(), StringComparison.Ordinal);
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
}
