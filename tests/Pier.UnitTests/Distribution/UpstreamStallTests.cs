using System.Net.Sockets;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Distribution;
using Pier.Distribution.Errors;
using Pier.TestKit;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Distribution;

/// <summary>Bodies that break, stop or never begin: each is a failure that names upstream, resource and leg.</summary>
public sealed class UpstreamStallTests
{
    private static readonly byte[] Blob = new byte[300_000];
    private static readonly Digest Name = Digest.Compute(Blob);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

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
        await Eventually.TrueAsync(() => clock.ArmedTimers > timers, "the stall timer is armed", Eventually.Patience, Cancel);
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
        await Eventually.TrueAsync(() => !upstream.Asked.IsEmpty, "the request arrived", Eventually.Patience, Cancel);
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

    private static UpstreamException Cause(Exception exception) => exception.InnerException.ShouldBeOfType<UpstreamException>();

    private static async Task<byte[]> ReadAsync(UpstreamBlob blob)
    {
        using var all = new MemoryStream();
        await blob.Stream.CopyToAsync(all, Cancel);
        return all.ToArray();
    }
}
