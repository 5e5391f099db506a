using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Distribution;
using Pier.Distribution.Errors;
using Pier.TestKit;
using Pier.TestKit.Time;

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
    public async Task A_truncated_body_names_upstream_and_byte()
    {
        var cut = new TaskCompletionSource();
        await using var upstream = await FakeUpstream.StartAsync(async context =>
        {
            context.Response.ContentLength = Blob.Length;
            await context.Response.Body.WriteAsync(Blob.AsMemory(0, 1000));
            await context.Response.Body.FlushAsync();
            await cut.Task;
            context.Abort();
        });
        await using var blob = await upstream.Client().OpenBlobAsync(upstream.Repository, Name, 0, null, Cancel);
        await blob.Stream.ReadExactlyAsync(new byte[1000], Cancel);
        cut.SetResult();

        var broken = await Should.ThrowAsync<ContentUnavailableException>(ReadAsync(blob));

        Cause(broken).Failure.ShouldBe(UpstreamFailure.Truncated);
        broken.Message.ShouldContain(upstream.Name);
        broken.Message.ShouldContain("team/app");
        broken.Message.ShouldContain("after 1000 bytes");
    }

    [Fact]
    public async Task A_body_that_stops_moving_is_a_stall_after_the_set_time()
    {
        var clock = new ManualTimeProvider();
        var release = new TaskCompletionSource();
        await using var upstream = await FakeUpstream.StartAsync(async context =>
        {
            context.Response.ContentLength = Blob.Length;
            await context.Response.Body.WriteAsync(Blob.AsMemory(0, 1000));
            await context.Response.Body.FlushAsync();
            await release.Task.WaitAsync(context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await using var blob = await upstream.Client(clock).OpenBlobAsync(upstream.Repository, Name, 0, null, Cancel);
        var buffer = new byte[1000];
        await blob.Stream.ReadExactlyAsync(buffer, Cancel);

        var timers = clock.ArmedTimers;
        var reading = blob.Stream.ReadAsync(buffer, Cancel).AsTask();
        await Eventually.TrueAsync(() => clock.ArmedTimers > timers, "the stall timer is armed", TimeSpan.FromSeconds(10), Cancel);
        clock.Advance(TimeSpan.FromSeconds(9));
        reading.IsCompleted.ShouldBeFalse();
        clock.Advance(TimeSpan.FromSeconds(1));

        var stalled = await Should.ThrowAsync<ContentUnavailableException>(reading);
        Cause(stalled).Failure.ShouldBe(UpstreamFailure.Stalled);
        stalled.Message.ShouldContain("no byte for 10 s after 1000 bytes");
        upstream.Logs.Has(4005).ShouldBeTrue();
        release.SetResult();
    }

    [Fact]
    public async Task The_caller_can_give_up_a_read()
    {
        await using var upstream = await FakeUpstream.StartAsync(async context =>
        {
            context.Response.ContentLength = Blob.Length;
            await context.Response.Body.WriteAsync(Blob.AsMemory(0, 10));
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await using var blob = await upstream.Client().OpenBlobAsync(upstream.Repository, Name, 0, null, Cancel);
        await blob.Stream.ReadExactlyAsync(new byte[10], Cancel);
        using var mine = new CancellationTokenSource();

        var reading = blob.Stream.ReadAsync(new byte[10], mine.Token).AsTask();
        await mine.CancelAsync();

        (await Should.ThrowAsync<OperationCanceledException>(reading)).CancellationToken.ShouldBe(mine.Token);
    }

    [Fact]
    public async Task Silence_before_the_headers_is_no_answer()
    {
        var clock = new ManualTimeProvider();
        await using var upstream = await FakeUpstream.StartAsync(context =>
            Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));

        var opening = upstream.Client(clock).OpenBlobAsync(upstream.Repository, Name, 0, null, Cancel);
        await Eventually.TrueAsync(() => !upstream.Asked.IsEmpty, "the request arrived", TimeSpan.FromSeconds(10), Cancel);
        clock.Advance(TimeSpan.FromSeconds(20));

        Cause(await Should.ThrowAsync<ContentUnavailableException>(opening)).Failure.ShouldBe(UpstreamFailure.NoAnswer);
    }

    [Fact]
    public async Task Nobody_listening_is_not_connected()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        await using var upstream = await FakeUpstream.StartAsync(_ => Task.CompletedTask);
        var name = $"127.0.0.1:{((System.Net.IPEndPoint)taken.LocalEndPoint!).Port}";

        var refused = await Should.ThrowAsync<ContentUnavailableException>(
            upstream.Clients().For(name).OpenBlobAsync(new(name, "a/b"), Name, 0, null, Cancel));

        Cause(refused).Failure.ShouldBe(UpstreamFailure.NotConnected);
        refused.Message.ShouldContain(name);
        refused.Message.ShouldContain("ConnectionRefused");
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
