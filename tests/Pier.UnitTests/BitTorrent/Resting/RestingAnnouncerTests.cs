using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Resting;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.TestKit;
using Pier.TestKit.Logging;
using Pier.TestKit.Time;
using Pier.UnitTests.BitTorrent.Trackers;

namespace Pier.UnitTests.BitTorrent.Resting;

/// <summary>Announces of many resting torrents: one name each, a trickle, on a hand-moved clock.</summary>
public sealed class RestingAnnouncerTests : IAsyncDisposable
{
    private static readonly IReadOnlyList<IReadOnlyList<string>> Trackers = [["t"]];

    private readonly ManualTimeProvider _clock = new();
    private readonly FakeTracker _tracker = new("t");
    private readonly CollectedLogs _logs = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<InfoHash, Search> _searches = [];
    private readonly RestingAnnouncer _announcer;
    private Task _running = Task.CompletedTask;

    public RestingAnnouncerTests() => _announcer = new RestingAnnouncer(
        (_, name) => _searches[name] = new Search(), _ => _tracker, TrackerSamples.Peer, () => 6881, _clock, _logs.CreateLogger("resting"));

    [Fact]
    public async Task Each_is_announced_once_an_interval_under_its_one_name_and_evenly()
    {
        for (var number = 0; number < 50; number++)
        {
            _announcer.Add(Torrent(number));
        }

        Start();
        await PassAsync(RestingAnnouncer.Interval + TimeSpan.FromMinutes(1));

        var told = _tracker.Announces.Select(request => request.InfoHash).ToArray();
        told.Distinct().ShouldBe(Enumerable.Range(0, 50).Select(Name), ignoreOrder: true);
        told.Length.ShouldBeLessThan(110, "twice each at most");
        _tracker.Announces.ShouldAllBe(request => request.Stats.Left == 0 && request.Stats.PeersWanted == 0 && request.Port == 6881);
    }

    [Fact]
    public async Task A_new_one_is_announced_at_once_before_all_that_wait_for_their_turns()
    {
        for (var number = 0; number < 50; number++)
        {
            _announcer.Add(Torrent(number));
        }

        Start();
        _announcer.Add(Torrent(99) with { IsNew = true });

        (await _tracker.NextAsync()).InfoHash.ShouldBe(Name(99));
    }

    [Fact]
    public async Task One_that_may_not_be_told_of_is_not_and_one_that_is_gone_no_more()
    {
        _announcer.Add(Torrent(1) with { AnnouncedAs = null });
        _announcer.Add(Torrent(2));
        _announcer.Remove(Torrent(2).Id);
        _announcer.Add(Torrent(3));

        Start();
        await PassAsync(RestingAnnouncer.Interval);

        _tracker.Announces.ShouldAllBe(request => request.InfoHash == Name(3));
        _searches.Keys.ShouldBe([Name(2), Name(3)], ignoreOrder: true);
        _searches[Name(2)].IsDisposed.ShouldBeTrue();
        _searches[Name(3)].IsDisposed.ShouldBeFalse();
        _announcer.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_tracker_that_fails_is_asked_again_after_a_while_and_not_faster()
    {
        _tracker.Answer = _ => throw new TrackerException("t", "down");
        _announcer.Add(Torrent(1) with { IsNew = true });

        Start();
        await PassAsync(TimeSpan.FromMinutes(12));

        _tracker.Announces.Count.ShouldBe(3);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _logs.Dispose();
    }

    private void Start() => _running = Task.Run(() => _announcer.RunAsync(_stop.Token));

    /// <summary>Lets time pass from one timer to the next, each after the loop has gone round.</summary>
    private async Task PassAsync(TimeSpan span)
    {
        var end = _clock.GetUtcNow() + span;
        while (true)
        {
            await Eventually.TrueAsync(() => _clock.NextDue is not null, "the announcer waits", Eventually.Patience, TestContext.Current.CancellationToken);
            if (_clock.NextDue is not { } due || due > end)
            {
                return;
            }

            var armings = _clock.Armings;
            _clock.Advance(due - _clock.GetUtcNow());
            await Eventually.TrueAsync(() => _clock.Armings > armings, "the announcer goes on", Eventually.Patience, TestContext.Current.CancellationToken);
        }
    }

    private static InfoHash Name(int number)
    {
        var bytes = new byte[InfoHash.Size];
        bytes[0] = (byte)number;
        return new InfoHash(bytes);
    }

    private static RestingTorrent Torrent(int number) => new()
    {
        Id = new TorrentId(Name(number + 100), null),
        Name = "blob",
        Length = 1,
        WireHashes = [Name(number + 100), Name(number)],
        AnnouncedAs = Name(number),
        Trackers = Trackers,
        Discovery = PeerDiscovery.Dht,
        Wake = _ => ValueTask.FromResult<SwarmSpec?>(null),
    };

    private sealed class Search : IPeerSearch
    {
        public bool IsDisposed { get; private set; }

        public void WantPeers()
        {
            // Nobody is wanted.
        }

        public void Dispose() => IsDisposed = true;
    }
}
