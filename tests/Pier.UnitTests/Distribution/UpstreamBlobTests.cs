using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Distribution;
using Pier.Distribution.Errors;

namespace Pier.UnitTests.Distribution;

public sealed class UpstreamBlobTests
{
    private static readonly byte[] Blob = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31 >> 3))];
    private static readonly Digest Name = Digest.Compute(Blob);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_blob_comes_whole()
    {
        await using var upstream = await FakeUpstream.StartAsync(context => Results.Bytes(Blob).ExecuteAsync(context));

        await using var blob = await upstream.Client().OpenBlobAsync(upstream.Repository, Name, 0, null, Cancel);

        blob.TotalSize.ShouldBe(Blob.Length);
        blob.WasAnonymous.ShouldBeTrue();
        (await ReadAsync(blob)).ShouldBe(Blob);
        var (method, path, headers) = upstream.Asked.Single();
        (method, path).ShouldBe(("GET", $"/v2/team/app/blobs/{Name}"));
        headers.Keys.ShouldNotContain("Range");
        headers.Keys.ShouldNotContain("Accept-Encoding");
    }

    [Theory]
    [InlineData(1000, null, "bytes=1000-")]
    [InlineData(1000, 5000L, "bytes=1000-5999")]
    [InlineData(0, 1L, "bytes=0-0")]
    public async Task A_range_is_asked_for_and_taken(long offset, long? length, string header)
    {
        await using var upstream = await FakeUpstream.StartAsync(context => Results.Bytes(Blob, enableRangeProcessing: true).ExecuteAsync(context));

        await using var blob = await upstream.Client().OpenBlobAsync(upstream.Repository, Name, offset, length, Cancel);

        blob.TotalSize.ShouldBe(Blob.Length);
        blob.Offset.ShouldBe(offset);
        (await ReadAsync(blob)).ShouldBe(Slice(offset, length));
        upstream.Asked.Single().Headers["Range"].ShouldBe(header);
    }

    [Theory]
    [InlineData(0, 10L)]
    [InlineData(299_999, null)]
    [InlineData(1000, 5000L)]
    [InlineData(299_000, 5000L)]
    public async Task A_server_that_ignores_ranges_is_read_past_the_offset(long offset, long? length)
    {
        await using var upstream = await FakeUpstream.StartAsync(context => Results.Bytes(Blob).ExecuteAsync(context));

        await using var blob = await upstream.Client().OpenBlobAsync(upstream.Repository, Name, offset, length, Cancel);

        blob.TotalSize.ShouldBe(Blob.Length);
        (await ReadAsync(blob)).ShouldBe(Slice(offset, length));
    }

    [Theory]
    [InlineData("bytes 0-9/300000")]
    [InlineData("bytes 100-299999/300000")]
    [InlineData("pages 5-14/300000")]
    [InlineData("bytes */300000")]
    [InlineData("bytes 5-14/*")]
    public async Task A_range_that_was_not_asked_for_is_refused(string contentRange)
    {
        await using var upstream = await FakeUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = contentRange;
            return context.Response.Body.WriteAsync(Blob.AsMemory(0, 10)).AsTask();
        });

        var refused = await Should.ThrowAsync<ContentUnavailableException>(
            upstream.Client().OpenBlobAsync(upstream.Repository, Name, 5, 10, Cancel));

        Cause(refused).Failure.ShouldBe(UpstreamFailure.BadAnswer);
    }

    [Fact]
    public async Task An_open_ended_range_without_a_total_tells_the_size_by_its_end()
    {
        await using var upstream = await FakeUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes 5-{Blob.Length - 1}/*";
            return context.Response.Body.WriteAsync(Blob.AsMemory(5)).AsTask();
        });

        await using var blob = await upstream.Client().OpenBlobAsync(upstream.Repository, Name, 5, null, Cancel);

        blob.TotalSize.ShouldBe(Blob.Length);
        (await ReadAsync(blob)).ShouldBe(Blob[5..]);
    }

    [Fact]
    public async Task A_web_page_is_no_blob()
    {
        await using var upstream = await FakeUpstream.StartAsync(context => Results.Content("<html>log in</html>", "text/html").ExecuteAsync(context));

        var refused = await Should.ThrowAsync<ContentUnavailableException>(
            upstream.Client().OpenBlobAsync(upstream.Repository, Name, 0, null, Cancel));

        refused.Message.ShouldContain("web page");
        await Should.ThrowAsync<ContentUnavailableException>(upstream.Client().HeadBlobAsync(upstream.Repository, Name, Cancel));
    }

    [Theory]
    [InlineData("Content-Encoding", "gzip")]
    [InlineData("Transfer-Encoding", "chunked")]
    public async Task An_answer_without_honest_length_is_refused(string header, string value)
    {
        await using var upstream = await FakeUpstream.StartAsync(async context =>
        {
            if (header == "Content-Encoding")
            {
                context.Response.Headers.ContentEncoding = value;
                context.Response.ContentLength = 5;
            }

            await context.Response.Body.WriteAsync("hello"u8.ToArray());
        });

        var refused = await Should.ThrowAsync<ContentUnavailableException>(
            upstream.Client().OpenBlobAsync(upstream.Repository, Name, 0, null, Cancel));

        Cause(refused).Failure.ShouldBe(UpstreamFailure.BadAnswer);
    }

    [Fact]
    public async Task An_offset_beyond_the_end_is_refused()
    {
        await using var upstream = await FakeUpstream.StartAsync(context => Results.Bytes(Blob).ExecuteAsync(context));

        var refused = await Should.ThrowAsync<ContentUnavailableException>(
            upstream.Client().OpenBlobAsync(upstream.Repository, Name, Blob.Length + 1, null, Cancel));

        refused.Message.ShouldContain("300000 bytes");
    }

    [Fact]
    public async Task HEAD_tells_the_size_and_GET_does_where_HEAD_is_unknown()
    {
        var knowsHead = true;
        await using var upstream = await FakeUpstream.StartAsync(context =>
        {
            if (!knowsHead && HttpMethods.IsHead(context.Request.Method))
            {
                context.Response.StatusCode = 405;
                return Task.CompletedTask;
            }

            return Results.Bytes(Blob, enableRangeProcessing: true).ExecuteAsync(context);
        });

        (await upstream.Client().HeadBlobAsync(upstream.Repository, Name, Cancel)).ShouldBe(new BlobHead(Blob.Length, WasAnonymous: true));
        knowsHead = false;
        (await upstream.Client().HeadBlobAsync(upstream.Repository, Name, Cancel)).Size.ShouldBe(Blob.Length);
        upstream.Asked.Last().Headers["Range"].ShouldBe("bytes=0-0");
    }

    [Fact]
    public async Task Connections_are_used_again()
    {
        var connections = new HashSet<string>();
        await using var upstream = await FakeUpstream.StartAsync(context =>
        {
            lock (connections)
            {
                connections.Add(context.Features.Get<IHttpConnectionFeature>()!.ConnectionId!);
            }

            return Results.Bytes(Blob).ExecuteAsync(context);
        });
        var client = upstream.Client();

        for (var i = 0; i < 5; i++)
        {
            await using var blob = await client.OpenBlobAsync(upstream.Repository, Name, 0, null, Cancel);
            await ReadAsync(blob);
        }

        connections.Count.ShouldBe(1);
    }

    private static byte[] Slice(long offset, long? length) =>
        [.. Blob.Skip((int)offset).Take((int)(length ?? Blob.Length))];

    private static UpstreamException Cause(Exception exception) => exception.InnerException.ShouldBeOfType<UpstreamException>();

    private static async Task<byte[]> ReadAsync(UpstreamBlob blob)
    {
        using var all = new MemoryStream();
        await blob.Stream.CopyToAsync(all, Cancel);
        return all.ToArray();
    }
}
