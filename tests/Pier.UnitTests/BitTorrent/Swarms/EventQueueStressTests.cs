using System.Collections.Concurrent;
using Pier.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>Many post at once, lending their threads or not, and the loop goes on with whichever it gets: each event is seen once.</summary>
public sealed class EventQueueStressTests
{
    private const int Posters = 8;
    private const int Each = 4000;

    private readonly EventQueue _queue = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Every_event_is_seen_once_and_in_its_posters_order(int lending)
    {
        var next = new int[Posters];
        var looping = Task.Run(() => TakeAsync(Posters * Each, news => news.Number.ShouldBe(next[news.Poster]++)), Token);

        await PostAllAsync(lending, (_, _) => { }).WaitAsync(Engines.Deadline, Token);
        await looping.WaitAsync(Engines.Deadline, Token);

        next.ShouldAllBe(count => count == Each);
        _queue.TryTake(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task What_was_taken_in_before_the_end_is_seen_and_what_was_refused_is_not()
    {
        var (taken, posted) = (new ConcurrentDictionary<(int, int), bool>(), new ConcurrentDictionary<(int, int), bool>());
        var looping = Task.Run(
            async () =>
            {
                await TakeAsync(Posters * Each / 3, See);
                _queue.Close();
                while (_queue.TryTake(out var late))
                {
                    See((News)late);
                }
            },
            Token);

        await PostAllAsync(lending: 2, (poster, number) => posted.TryAdd((poster, number), true).ShouldBeTrue()).WaitAsync(Engines.Deadline, Token);
        await looping.WaitAsync(Engines.Deadline, Token);

        taken.Keys.ShouldBe(posted.Keys, ignoreOrder: true);

        void See(News news) => taken.TryAdd((news.Poster, news.Number), true).ShouldBeTrue("each is seen once");
    }

    /// <param name="lending">0 for nobody, 1 for all, 2 for every other event.</param>
    /// <param name="posted">Told of what was taken in.</param>
    private Task PostAllAsync(int lending, Action<int, int> posted) => Task.WhenAll(Enumerable.Range(0, Posters).Select(poster => Task.Run(
        async () =>
        {
            for (var number = 0; number < Each; number++)
            {
                var news = new News(poster, number);
                var lends = lending == 1 || (lending == 2 && (number + poster) % 2 == 0);
                if ((!lends && number % 3 == 0 && _queue.TryPost(news)) || await _queue.TryPostAsync(news, lends, Token))
                {
                    posted(poster, number);
                }
            }
        },
        Token)));

    private async Task TakeAsync(int count, Action<News> see)
    {
        for (var seen = 0; seen < count;)
        {
            if (!_queue.TryTake(out var happened))
            {
                await _queue.WaitAsync();
                continue;
            }

            see((News)happened);
            if (++seen % 32 == 0)
            {
                // As the swarm's loop does: the thread goes back, and another may lend his while this one is still on its way.
                await Task.Yield();
            }
        }
    }

    private sealed record News(int Poster, int Number) : SwarmEvent;
}
