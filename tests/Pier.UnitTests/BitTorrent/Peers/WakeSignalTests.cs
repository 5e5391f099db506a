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
}
