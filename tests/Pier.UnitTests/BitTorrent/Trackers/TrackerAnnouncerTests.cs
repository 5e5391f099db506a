using System.Threading.Channels;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.TestKit;
using Pier.TestKit.Logging;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Trackers;

public sealed class TrackerAnnouncerTests : IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly FakeTracker _tracker = new("t");
    private readonly CollectedLogs _logs = new();
    private readonly Swarm _swarm = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task Announces_at_the_interval_and_says_good_bye()
    {
        using var stop = new CancellationTokenSource();
        var running = Make().RunAsync(stop.Token);
        (await _tracker.NextAsync()).Event.ShouldBe(AnnounceEvent.Started);
        (await _swarm.AnsweredAsync()).ShouldBe(TrackerSamples.Hash);
        await AdvanceToNextAsync(TimeSpan.FromMinutes(30));
        (await _tracker.NextAsync()).Event.ShouldBe(AnnounceEvent.None);
        await _swarm.AnsweredAsync();
        await stop.CancelAsync();
        await running;
        var last = await _tracker.NextAsync();
        last.Event.ShouldBe(AnnounceEvent.Stopped);
        last.Stats.PeersWanted.ShouldBe(0);
        last.Port.ShouldBe((ushort)6881);
        last.Key.ShouldBe(42u);
    }

    [Fact]
    public async Task Every_name_of_the_swarm_is_announced()
    {
        using var stop = new CancellationTokenSource();
        var running = Make([TrackerSamples.Hash, default]).RunAsync(stop.Token);
        (await _tracker.NextAsync()).InfoHash.ShouldBe(TrackerSamples.Hash);
        (await _tracker.NextAsync()).InfoHash.ShouldBe(default);
        await stop.CancelAsync();
        await running;
        _tracker.Announces.Count(request => request.Event == AnnounceEvent.Stopped).ShouldBe(2);
    }

    [Fact]
    public async Task Completion_is_told_at_once_and_wishes_after_the_minimum()
    {
        _tracker.Answer = _ => new AnnounceAnswer { Interval = TimeSpan.FromMinutes(30), MinInterval = TimeSpan.FromMinutes(5) };
        using var stop = new CancellationTokenSource();
        var announcer = Make();
        var running = announcer.RunAsync(stop.Token);
        await _tracker.NextAsync();
        await _swarm.AnsweredAsync();
        announcer.Complete();
        (await _tracker.NextAsync()).Event.ShouldBe(AnnounceEvent.Completed);
        await _swarm.AnsweredAsync();

        announcer.WantPeers();
        await AdvanceToNextAsync(TimeSpan.FromMinutes(5));
        (await _tracker.NextAsync()).Event.ShouldBe(AnnounceEvent.None);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Failures_are_retried_later_and_later()
    {
        _tracker.Answer = _ => throw new TrackerException("t", "down");
        using var stop = new CancellationTokenSource();
        var running = Make().RunAsync(stop.Token);
        await _tracker.NextAsync();
        foreach (var seconds in new[] { 15, 30, 60, 120, 240, 480, 960, 1800, 1800 })
        {
            await AdvanceToNextAsync(TimeSpan.FromSeconds(seconds));
            await _tracker.NextAsync();
        }

        _logs.Has(2101).ShouldBeTrue();
        _tracker.Answer = _ => new AnnounceAnswer { Interval = TimeSpan.FromMinutes(30) };
        await AdvanceToNextAsync(TimeSpan.FromMinutes(30));
        (await _tracker.NextAsync()).Event.ShouldBe(AnnounceEvent.Started, "it has never been heard before");
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Without_trackers_there_is_nothing_to_do()
    {
        var tiers = new TrackerTiers([], _ => _tracker, new Random(1), _clock, _logs.CreateLogger("t"));
        await new TrackerAnnouncer(tiers, Options([TrackerSamples.Hash]), _swarm, _clock, _logs.CreateLogger("t")).RunAsync(Cancellation);
    }

    private async Task AdvanceToNextAsync(TimeSpan step)
    {
        await Eventually.TrueAsync(
            () => _clock.NextDue == _clock.GetUtcNow() + step, $"the announcer waits {step}", Eventually.Patience, Cancellation);
        _clock.Advance(step);
    }

    private TrackerAnnouncer Make(IReadOnlyList<InfoHash>? names = null)
    {
        var tiers = new TrackerTiers([["t"]], _ => _tracker, new Random(1), _clock, _logs.CreateLogger("tiers"));
        return new TrackerAnnouncer(tiers, Options(names ?? [TrackerSamples.Hash]), _swarm, _clock, _logs.CreateLogger("announcer"));
    }

    private static TrackerAnnouncerOptions Options(IReadOnlyList<InfoHash> names) =>
        new() { InfoHashes = names, PeerId = TrackerSamples.Peer, Port = 6881, Key = 42 };

    private sealed class Swarm : IAnnouncedSwarm
    {
        private readonly Channel<InfoHash> _answered = Channel.CreateBounded<InfoHash>(100);

        public AnnounceStats Stats => new(1, 2, 3, 50);

        public ValueTask<InfoHash> AnsweredAsync() => _answered.Reader.ReadAsync(Cancellation);

        public ValueTask TrackerAnsweredAsync(InfoHash infoHash, AnnounceAnswer answer, CancellationToken cancellationToken) =>
            _answered.Writer.WriteAsync(infoHash, cancellationToken);
    }
}
