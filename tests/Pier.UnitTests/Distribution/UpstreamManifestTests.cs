using System.Text;
using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Distribution;
using Pier.Distribution.Errors;
using Pier.UnitTests.Content.Manifests;

namespace Pier.UnitTests.Distribution;

public sealed class UpstreamManifestTests
{
    private static readonly byte[] Manifest = Encoding.UTF8.GetBytes(ManifestSamples.OciImage);
    private static readonly Digest Name = Digest.Compute(Manifest);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HEAD_tells_digest_type_and_size()
    {
        await using var upstream = await FakeUpstream.StartAsync(Serve(Manifest, MediaTypes.OciManifest, Name.ToString()));

        var head = await upstream.Client().HeadManifestAsync(upstream.Repository, "v1", Cancel);

        head.ShouldBe(new ManifestHead(Name, MediaTypes.OciManifest, Manifest.Length, WasAnonymous: true));
        var asked = upstream.Asked.Single();
        (asked.Method, asked.Path).ShouldBe(("HEAD", "/v2/team/app/manifests/v1"));
        asked.Headers["Accept"].ShouldBe(string.Join(", ", MediaTypes.OciIndex, MediaTypes.DockerManifestList, MediaTypes.OciManifest, MediaTypes.DockerManifest));
        asked.Headers["User-Agent"].ShouldStartWith("pier/");
    }

    [Theory]
    [InlineData(null, MediaTypes.OciManifest)]
    [InlineData("nonsense", MediaTypes.OciManifest)]
    [InlineData("good", "application/json")]
    public async Task GET_tells_what_HEAD_does_not(string? digestHeader, string contentType)
    {
        var header = digestHeader == "good" ? Name.ToString() : digestHeader;
        await using var upstream = await FakeUpstream.StartAsync(Serve(Manifest, contentType, header));

        var head = await upstream.Client().HeadManifestAsync(upstream.Repository, "v1", Cancel);

        head.ShouldBe(new ManifestHead(Name, MediaTypes.OciManifest, Manifest.Length, WasAnonymous: true));
        upstream.Asked.Select(asked => asked.Method).ShouldBe(["HEAD", "GET"]);
    }

    [Fact]
    public async Task GET_serves_where_HEAD_is_not_allowed()
    {
        var serve = Serve(Manifest, MediaTypes.OciManifest, Name.ToString());
        await using var upstream = await FakeUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = HttpMethods.IsHead(context.Request.Method) ? 405 : 200;
            return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : serve(context);
        });

        (await upstream.Client().HeadManifestAsync(upstream.Repository, "v1", Cancel)).Digest.ShouldBe(Name);
    }

    [Fact]
    public async Task A_manifest_comes_byte_for_byte()
    {
        await using var upstream = await FakeUpstream.StartAsync(Serve(Manifest, MediaTypes.OciManifest, Name.ToString()));

        var byTag = await upstream.Client().GetManifestAsync(upstream.Repository, "v1", Cancel);
        var byDigest = await upstream.Client().GetManifestAsync(upstream.Repository, Name.ToString(), Cancel);

        byTag.Document.Content.ToArray().ShouldBe(Manifest);
        byTag.Document.MediaType.ShouldBe(MediaTypes.OciManifest);
        byTag.WasAnonymous.ShouldBeTrue();
        byDigest.Document.Digest.ShouldBe(Name);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Bytes_that_the_digest_does_not_name_are_refused(bool byTag)
    {
        var other = Digest.Compute("other"u8);
        await using var upstream = await FakeUpstream.StartAsync(Serve(Manifest, MediaTypes.OciManifest, other.ToString()));

        var refused = await Should.ThrowAsync<ContentMismatchException>(
            upstream.Client().GetManifestAsync(upstream.Repository, byTag ? "v1" : other.ToString(), Cancel));

        refused.Message.ShouldContain(upstream.Name);
        refused.Message.ShouldContain(other.ToString());
    }

    [Fact]
    public async Task A_manifest_over_4_MiB_is_refused_announced_or_not()
    {
        var announce = true;
        await using var upstream = await FakeUpstream.StartAsync(async context =>
        {
            var body = Encoding.UTF8.GetBytes("""{"schemaVersion":2,"manifests":[]}""".PadRight(ManifestParser.MaxSize + 1));
            context.Response.ContentLength = announce ? body.Length : null;
            await context.Response.Body.WriteAsync(body);
        });

        foreach (var announced in new[] { true, false })
        {
            announce = announced;
            var refused = await Should.ThrowAsync<ContentFormatException>(upstream.Client().GetManifestAsync(upstream.Repository, "v1", Cancel));
            refused.Message.ShouldContain("larger than 4 MiB");
        }
    }

    [Fact]
    public async Task JSON_that_is_too_deep_is_refused()
    {
        var deep = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"manifests":[],"x":{{new string('[', 100)}}{{new string(']', 100)}}}""");
        await using var upstream = await FakeUpstream.StartAsync(Serve(deep, MediaTypes.OciIndex, null));

        var refused = await Should.ThrowAsync<ContentFormatException>(upstream.Client().GetManifestAsync(upstream.Repository, "v1", Cancel));

        refused.Message.ShouldContain(upstream.Name);
        refused.Message.ShouldContain("nested too deep");
    }

    [Fact]
    public async Task A_web_page_is_no_manifest()
    {
        await using var upstream = await FakeUpstream.StartAsync(Serve("<html>"u8.ToArray(), "text/html; charset=utf-8", null));

        var head = await Should.ThrowAsync<ContentUnavailableException>(upstream.Client().HeadManifestAsync(upstream.Repository, "v1", Cancel));
        var get = await Should.ThrowAsync<ContentUnavailableException>(upstream.Client().GetManifestAsync(upstream.Repository, "v1", Cancel));

        head.Message.ShouldContain("web page");
        get.Message.ShouldContain("web page");
    }

    [Theory]
    [InlineData(404, "MANIFEST_UNKNOWN", typeof(ContentNotFoundException), UpstreamFailure.NotFound)]
    [InlineData(401, "UNAUTHORIZED", typeof(ContentDeniedException), UpstreamFailure.Denied)]
    [InlineData(403, "DENIED", typeof(ContentDeniedException), UpstreamFailure.Denied)]
    [InlineData(429, "TOOMANYREQUESTS", typeof(ContentUnavailableException), UpstreamFailure.RateLimited)]
    [InlineData(500, "UNKNOWN", typeof(ContentUnavailableException), UpstreamFailure.ServerFailed)]
    [InlineData(503, "UNAVAILABLE", typeof(ContentUnavailableException), UpstreamFailure.ServerFailed)]
    [InlineData(418, "TEAPOT", typeof(ContentUnavailableException), UpstreamFailure.BadAnswer)]
    [InlineData(304, "NOT_MODIFIED", typeof(ContentUnavailableException), UpstreamFailure.BadAnswer)]
    public async Task A_refusal_keeps_status_code_and_message(int status, string code, Type exception, UpstreamFailure failure)
    {
        await using var upstream = await FakeUpstream.StartAsync(async context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "30";
            if (status != 304)
            {
                await context.Response.WriteAsync($$"""{"errors":[{"code":"{{code}}","message":"because\n of reasons","detail":{"a":1} }]}""");
            }
        });

        var refused = (ContentException)await Should.ThrowAsync(() => upstream.Client().GetManifestAsync(upstream.Repository, "v1", Cancel), exception);

        var cause = refused.InnerException.ShouldBeOfType<UpstreamException>();
        (cause.Failure, cause.Status, cause.RetryAfter).ShouldBe((failure, status, TimeSpan.FromSeconds(30)));
        refused.Message.ShouldContain($"{upstream.Name} team/app manifests/v1: {status}");
        if (status != 304)
        {
            cause.Code.ShouldBe(code);
            refused.Message.ShouldContain($"{code}: because  of reasons");
        }
    }

    [Theory]
    [InlineData("<html>502 Bad Gateway</html>")]
    [InlineData("""{"errors":"x"}""")]
    [InlineData("""{"errors":[]}""")]
    [InlineData("""{"errors":[null]}""")]
    [InlineData("")]
    public async Task A_refusal_without_error_document_keeps_its_status(string body)
    {
        await using var upstream = await FakeUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = 502;
            return context.Response.WriteAsync(body);
        });

        (await Should.ThrowAsync<ContentUnavailableException>(upstream.Client().GetManifestAsync(upstream.Repository, "v1", Cancel)))
            .Message.ShouldEndWith("502, the upstream failed.");
    }

    [Fact]
    public async Task A_refused_HEAD_announces_a_body_and_has_none()
    {
        await using var upstream = await FakeUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = 404;
            context.Response.ContentLength = 151;
            return Task.CompletedTask;
        });

        (await Should.ThrowAsync<ContentNotFoundException>(upstream.Client().HeadManifestAsync(upstream.Repository, "v1", Cancel)))
            .Message.ShouldEndWith("404, not found.");
    }

    [Fact]
    public async Task A_refusal_whose_body_breaks_is_still_that_refusal()
    {
        await using var upstream = await FakeUpstream.StartAsync(async context =>
        {
            context.Response.StatusCode = 403;
            context.Response.ContentLength = 1000;
            await context.Response.Body.WriteAsync(new byte[10]);
            await context.Response.CompleteAsync();
        });

        await Should.ThrowAsync<ContentDeniedException>(upstream.Client().GetManifestAsync(upstream.Repository, "v1", Cancel));
        upstream.Logs.Has(4007).ShouldBeTrue();
    }

    [Fact]
    public async Task A_huge_error_body_is_not_kept()
    {
        await using var upstream = await FakeUpstream.StartAsync(async context =>
        {
            context.Response.StatusCode = 500;
            await context.Response.WriteAsync($$"""{"errors":[{"code":"X","message":"{{new string('x', 1 << 20)}}"}]}""");
        });

        (await Should.ThrowAsync<ContentUnavailableException>(upstream.Client().GetManifestAsync(upstream.Repository, "v1", Cancel)))
            .Message.Length.ShouldBeLessThan(1000);
    }

    [Theory]
    [InlineData(null, null, "", """{"name":"team/app","tags":["a","b"]}""", "a,b", false)]
    [InlineData(2, "a b", "?n=2&last=a%20b", """{"name":"team/app","tags":["c"]}""", "c", true)]
    [InlineData(null, "x", "?last=x", """{"name":"team/app","tags":null}""", "", false)]
    public async Task Tags_are_listed_by_page(int? count, string? last, string query, string body, string tags, bool more)
    {
        await using var upstream = await FakeUpstream.StartAsync(context =>
        {
            if (more)
            {
                context.Response.Headers.Link = "</v2/team/app/tags/list?last=c&n=2>; rel=\"next\"";
            }

            return context.Response.WriteAsync(body);
        });

        var page = await upstream.Client().ListTagsAsync(upstream.Repository, count, last, Cancel);

        string.Join(',', page.Tags).ShouldBe(tags);
        page.HasMore.ShouldBe(more);
        upstream.Asked.Single().Path.ShouldBe($"/v2/team/app/tags/list{query}");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("null")]
    public async Task A_list_that_is_none_is_refused(string body)
    {
        await using var upstream = await FakeUpstream.StartAsync(context => context.Response.WriteAsync(body));

        await Should.ThrowAsync<ContentUnavailableException>(upstream.Client().ListTagsAsync(upstream.Repository, null, null, Cancel));
    }

    private static Func<HttpContext, Task> Serve(byte[] body, string contentType, string? digest) => async context =>
    {
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        if (digest is not null)
        {
            context.Response.Headers["Docker-Content-Digest"] = digest;
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body);
        }
    };
}
