using Pier.BitTorrent.Peers;

namespace Pier.UnitTests.BitTorrent.Peers;

/// <summary>Waking and waiting in every order.</summary>
public sealed class WakeSignalTests
{
    private readonly WakeSignal _signal = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_is_woken_before_he_waits_does_not_wait_and_twice_is_once()
    {
        _signal.Set();
        _signal.Set();
        _signal.WaitAsync(Token).AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        var waiting = _signal.WaitAsync(Token).AsTask();
        waiting.IsCompleted.ShouldBeFalse();
        _signal.Set();
        await waiting;
        _signal.WaitAsync(Token).AsTask().IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Who_is_cancelled_stops_waiting()
    {
        using var stopping = new CancellationTokenSource();
        var waiting = _signal.WaitAsync(stopping.Token).AsTask();
        await stopping.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        await Should.ThrowAsync<OperationCanceledException>(async () => await _signal.WaitAsync(stopping.Token));
    }

    [Fact]
    public async Task No_signal_is_lost_between_two_threads()
    {
        const int rounds = 20_000;
        var there = new WakeSignal();
        var answering = Task.Run(
            async () =>
            {
                for (var round = 0; round < rounds; round++)
                {
                    await _signal.WaitAsync(Token);
                    there.Set();
                }
            },
            Token);
        for (var round = 0; round < rounds; round++)
        {
            _signal.Set();
            await there.WaitAsync(Token);
        }

        await answering;
    }

    [Fact]
    public async Task Nobody_sleeps_for_good_while_many_wake_him_lend_their_threads_and_give_up()
    {
        const int wakers = 4;
        const int each = 5000;
        var left = 0;
        var waking = Enumerable.Range(0, wakers).Select(waker => Task.Run(
            () =>
            {
                for (var count = 0; count < each; count++)
                {
                    Interlocked.Increment(ref left);
                    _signal.Set(lendsThread: (count + waker) % 2 == 0);
                    if (count % 64 == waker)
                    {
                        Thread.Yield();
                    }
                }
            },
            Token));
        var waiting = Task.Run(
            async () =>
            {
                for (var seen = 0; seen < wakers * each;)
                {
                    using var impatience = new CancellationTokenSource();
                    var givingUp = seen % 7 == 0 ? Task.Run(impatience.Cancel, Token) : Task.CompletedTask;
                    try
                    {
                        await _signal.WaitAsync(impatience.Token);
                    }
                    catch (OperationCanceledException) when (impatience.IsCancellationRequested)
                    {
                        // Whoever gave up looks, too.
                    }

                    seen += Interlocked.Exchange(ref left, 0);
                    await givingUp;
                }
            },
            Token);

        await Task.WhenAll([waiting, .. waking]).WaitAsync(Engines.Deadline, Token);
    }
}
