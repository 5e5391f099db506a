using System.Collections.Concurrent;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Time;
using Pier.Volumes.Keeping;

namespace Pier.UnitTests.Volumes.Keeping;

/// <summary>What starts the daemon again: after signals at once, then with pauses; never what was refused at its first start, or asked to stop.</summary>
public sealed class FirstProcessTests : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly TempFolder _home = TempFolder.Create("first");
    private readonly ManualTimeProvider _time = new();
    private readonly ConcurrentQueue<string> _log = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("exit 0", 0, 1)]
    [InlineData("exit 2", 2, 1)]
    [InlineData("exit 1", 1, 1)]
    [InlineData("[ $n = 1 ] && kill -9 $$; exit 0", 0, 2)]
    // Once it was up, a refusal is tried again too: mounts wait for it.
    [InlineData("[ $n = 1 ] && kill -ABRT $$; [ $n -lt 4 ] && exit 5; exit 0", 0, 4)]
    public async Task It_is_started_again_when_that_can_help(string ends, int code, int starts)
    {
        using var first = First(ends);

        (await EndAsync(first.KeepAsync())).ShouldBe(code);

        Starts.ShouldBe(starts);
    }

    [Fact]
    public async Task Pauses_grow_and_a_stop_ends_them()
    {
        using var first = First("kill -9 $$");
        var keeping = first.KeepAsync();
        await Eventually.TrueAsync(() => Starts == 2, "the first time is at once", Deadline, Token);
        await Eventually.TrueAsync(() => Said.Contains("in 1 s", StringComparison.Ordinal), "then it waits", Deadline, Token);
        await Eventually.TrueAsync(
            () =>
            {
                Pass(TimeSpan.FromSeconds(10));
                return Said.Contains("in 30 s", StringComparison.Ordinal);
            }, "longer and longer", Deadline, Token);

        first.Stop();

        (await keeping.WaitAsync(Deadline, TimeProvider.System, Token)).ShouldBe(0);
        Said.ShouldNotContain("in 32 s");
    }

    [Fact]
    public async Task A_stop_is_told_to_the_daemon_and_its_code_is_ours()
    {
        using var first = First($"trap 'exit 7' TERM; touch {_home.Below("up")}; while true; do sleep 0.05; done");
        var keeping = first.KeepAsync();
        await Eventually.TrueAsync(() => File.Exists(_home.Below("up")), "it is up", Deadline, Token);

        first.Stop();

        (await keeping.WaitAsync(Deadline, TimeProvider.System, Token)).ShouldBe(7);
        Starts.ShouldBe(1);
    }

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    private int Starts => File.Exists(_home.Below("starts")) ? File.ReadAllLines(_home.Below("starts")).Length : 0;

    private string Said => string.Join('\n', _log);

    private FirstProcess First(string ends) => new(
        ["/bin/sh", "-c", $"echo >> {_home.Below("starts")}; n=$(wc -l < {_home.Below("starts")}); {ends}"], _time, _log.Enqueue);

    // Only while it waits: as far as this clock goes, no daemon lives for long.
    private void Pass(TimeSpan time)
    {
        if (_time.ArmedTimers > 0)
        {
            _time.Advance(time);
        }
    }

    private async Task<int> EndAsync(Task<int> keeping)
    {
        await Eventually.TrueAsync(
            () =>
            {
                Pass(TimeSpan.FromSeconds(1));
                return keeping.IsCompleted;
            }, "it ends", Deadline, Token);
        return await keeping;
    }
}
