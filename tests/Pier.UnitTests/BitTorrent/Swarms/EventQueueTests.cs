using Pier.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>Whose thread a swarm's loop goes on with, and that no event is lost on the way.</summary>
public sealed class EventQueueTests
{
    private readonly EventQueue _queue = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_lends_his_thread_comes_back_after_the_loop_has_gone_on_with_it()
    {
        var waited = await WaitingAsync();
        var poster = Environment.CurrentManagedThreadId;
        var posting = _queue.TryPostAsync(new SwarmEvent.Tick(), lendsThread: true, Token);
        waited.IsCompleted.ShouldBeTrue();
        (await waited).ShouldBe(poster);
        (await posting).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_lends_nothing_is_not_kept()
    {
        var waited = await WaitingAsync();
        var poster = Environment.CurrentManagedThreadId;
        _queue.TryPost(new SwarmEvent.Tick()).ShouldBeTrue();
        SpinWait.SpinUntil(() => waited.IsCompleted, TimeSpan.FromSeconds(30)).ShouldBeTrue();
        (await waited).ShouldNotBe(poster);
    }

    [Fact]
    public async Task Events_come_in_order_and_none_is_lost_between_threads()
    {
        const int count = 20_000;
        var posting = Task.Run(
            async () =>
            {
                for (var number = 0; number < count; number++)
                {
                    await _queue.TryPostAsync(new SwarmEvent.PiecesStored([number]), lendsThread: number % 2 == 0, Token);
                }
            },
            Token);
        for (var next = 0; next < count;)
        {
            if (_queue.TryTake(out var happened))
            {
                happened.ShouldBeOfType<SwarmEvent.PiecesStored>().Pieces[0].ShouldBe(next++);
            }
            else
            {
                await _queue.WaitAsync();
            }
        }

        await posting;
    }

    [Fact]
    public async Task A_full_queue_refuses_or_waits_and_a_closed_one_takes_nothing()
    {
        while (_queue.TryPost(new SwarmEvent.Tick()))
        {
            // Until it is full.
        }

        var waiting = _queue.TryPostAsync(new SwarmEvent.Stop(), lendsThread: true, Token);
        waiting.IsCompleted.ShouldBeFalse();
        _queue.TryTake(out _).ShouldBeTrue();
        (await waiting).ShouldBeTrue();
        _queue.Close();
        _queue.TryPost(new SwarmEvent.Tick()).ShouldBeFalse();
        (await _queue.TryPostAsync(new SwarmEvent.Tick(), lendsThread: true, Token)).ShouldBeFalse();
    }

    /// <summary>A loop that waits for an event, and then says on which thread it was woken.</summary>
    private async Task<Task<int>> WaitingAsync()
    {
        var box = await Task.Run(
            () =>
            {
                var wait = _queue.WaitAsync();
                wait.IsCompleted.ShouldBeFalse();
                return new Box(Woken(wait));
            },
            Token);
        return box.Loop;

        static async Task<int> Woken(ValueTask wait)
        {
            await wait;
            return Environment.CurrentManagedThreadId;
        }
    }

    // A task within a task would be waited for.
    private sealed record Box(Task<int> Loop);
}
