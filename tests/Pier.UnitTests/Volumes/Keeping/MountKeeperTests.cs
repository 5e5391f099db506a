using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.Volumes.Fuse.Protocol;
using Pier.Volumes.Keeping;

namespace Pier.UnitTests.Volumes.Keeping;

/// <summary>The keeper of mounts gives the next daemon what the last one gave it, and ends when nobody needs it.</summary>
public sealed class MountKeeperTests : IAsyncDisposable
{
    private readonly TempFolder _home = TempFolder.Create("keeper");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Path => _home.Below("s");

    [Fact]
    public async Task What_one_daemon_gave_the_next_takes()
    {
        var keeper = await StartAsync(TimeSpan.FromSeconds(60));
        using (var first = Daemon())
        {
            using var one = Open("one");
            using var two = Open("two");
            first.Take("/a").ShouldBeNull();
            first.Keep("/a", FuseFeatures.Passthrough | FuseFeatures.Resend, [one, two]).ShouldBeTrue();
            first.Keep("/b", FuseFeatures.None, [two]).ShouldBeTrue();
            first.Keep("/c", FuseFeatures.None, []).ShouldBeFalse("there is nothing to keep");
        }

        using (var next = Daemon())
        {
            using var kept = next.Take("/a").ShouldNotBeNull();
            kept.Features.ShouldBe(FuseFeatures.Passthrough | FuseFeatures.Resend);
            kept.Devices.Select(Text).ShouldBe(["one", "two"]);
            using var again = next.Take("/a").ShouldNotBeNull("it is kept until it is dropped");
            next.Drop("/a");
            next.Drop("/b");
            next.Take("/a").ShouldBeNull();
        }

        await keeper.WaitAsync(Eventually.Patience, TimeProvider.System, Token);
        File.Exists(Path).ShouldBeFalse();
    }

    [Fact]
    public async Task One_that_nobody_comes_to_ends_and_lets_everything_go()
    {
        var keeper = await StartAsync(TimeSpan.FromMilliseconds(300));
        using (var daemon = Daemon())
        {
            using var one = Open("one");
            daemon.Keep("/a", FuseFeatures.None, [one]).ShouldBeTrue();
        }

        await keeper.WaitAsync(Eventually.Patience, TimeProvider.System, Token);
        using var late = new MountKeeping(new KeepingOptions(["/bin/false"], Path, TimeSpan.FromSeconds(1)), NullLogger<MountKeeping>.Instance);
        late.Take("/a").ShouldBeNull();
        late.IsOn.ShouldBeTrue("nothing had to be kept so far");
        using var other = Open("other");
        late.Keep("/a", FuseFeatures.None, [other]).ShouldBeFalse();
        late.IsOn.ShouldBeFalse("none can be started");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(24 * 365)]
    public async Task It_can_wait_longer_than_the_system_waits_at_once(int hours)
    {
        var keeper = await StartAsync(TimeSpan.FromHours(hours));
        using (var daemon = Daemon())
        {
            using var one = Open("one");
            daemon.Keep("/a", FuseFeatures.None, [one]).ShouldBeTrue();
        }

        using (var next = Daemon())
        {
            using var kept = next.Take("/a").ShouldNotBeNull();
            next.Drop("/a");
        }

        await keeper.WaitAsync(Eventually.Patience, TimeProvider.System, Token);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_is_ending_is_waited_for_and_the_next_one_asked(bool isNext)
    {
        // It answers nothing any more: it ends its mounts, then its name, then itself.
        var ending = DescriptorSocket.Create();
        ending.Bind(new UnixDomainSocketEndPoint(Path));
        ending.Listen(1);
        using var daemon = Daemon();
        using var one = Open("one");
        var asked = Task.Run(() => isNext ? daemon.Keep("/a", FuseFeatures.None, [one]) : daemon.Take("/a") is null, Token);
        ending.Poll(Eventually.Patience, SelectMode.SelectRead).ShouldBeTrue("it is asked");
        asked.IsCompleted.ShouldBeFalse("as long as it is there nothing may be mounted anew");

        if (isNext)
        {
            var keeper = await StartAsync(TimeSpan.FromMinutes(10));
            ending.SafeHandle.Dispose();
            (await asked.WaitAsync(Eventually.Patience, TimeProvider.System, Token)).ShouldBeTrue("the next one keeps it");
            daemon.Drop("/a");
            daemon.Dispose();
            await keeper.WaitAsync(Eventually.Patience, TimeProvider.System, Token);
        }
        else
        {
            ending.Dispose();
            (await asked.WaitAsync(Eventually.Patience, TimeProvider.System, Token)).ShouldBeTrue("nothing is kept any more");
        }

        daemon.IsOn.ShouldBeTrue("mounts can be kept all the same");
    }

    [Theory]
    [InlineData("keep")]
    [InlineData("keep\nx")]
    [InlineData("take")]
    [InlineData("take\n/none")]
    [InlineData("drop")]
    [InlineData("over\n/none")]
    [InlineData("over\n/none\0/shown\0/disk")]
    [InlineData("what")]
    [InlineData("\n\n\n")]
    public async Task Words_that_are_none_are_told_so(string words)
    {
        var keeper = await StartAsync(TimeSpan.FromSeconds(30));
        using (var socket = DescriptorSocket.Create())
        {
            socket.Connect(new UnixDomainSocketEndPoint(Path));
            using var stranger = new DescriptorSocket(socket);
            stranger.Send(words);
            stranger.Receive()!.Value.Text.ShouldBe("none");
        }

        await keeper.WaitAsync(Eventually.Patience, TimeProvider.System, Token);
    }

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    private MountKeeping Daemon() => new(new KeepingOptions(["/bin/false"], Path, TimeSpan.FromSeconds(1)), NullLogger<MountKeeping>.Instance);

    private async Task<Task> StartAsync(TimeSpan wait)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var keeper = Task.Factory.StartNew(() => MountKeeper.Serve(Path, wait, new Announcing(ready)), Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAny(ready.Task, keeper);
        return keeper;
    }

    private SafeFileHandle Open(string text)
    {
        File.WriteAllText(_home.Below(text), text);
        return File.OpenHandle(_home.Below(text));
    }

    private static string Text(SafeFileHandle file)
    {
        var bytes = new byte[16];
        return Encoding.UTF8.GetString(bytes, 0, RandomAccess.Read(file, bytes, 0));
    }

    private sealed class Announcing(TaskCompletionSource ready) : StringWriter
    {
        public override void WriteLine(string? value) => ready.TrySetResult();
    }
}
