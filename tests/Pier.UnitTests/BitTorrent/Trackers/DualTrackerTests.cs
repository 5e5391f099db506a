using System.Net;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.BitTorrent.Tracking;
using Pier.TestKit;
using Pier.TestKit.Logging;
using Pier.TestKit.Time;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Trackers;

/// <summary>One tracker over two families of addresses (BEP 7).</summary>
public sealed class DualTrackerTests
{
    private static readonly IPEndPoint Four = IPEndPoint.Parse("203.0.113.1:1");
    private static readonly IPEndPoint Six = IPEndPoint.Parse("[2001:db8::1]:1");

    private readonly ManualTimeProvider _clock = new();
    private readonly FakeTracker _four = new("t") { Answer = _ => Answer(30, Four) };
    private readonly FakeTracker _six = new("t") { Answer = _ => Answer(40, Six, Four) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_are_asked_and_answer_as_one()
    {
        var answer = await new DualTracker(_four, _six, _clock).AnnounceAsync(TrackerSamples.Request(), Token);
        answer.Peers.ShouldBe([Four, Six]);
        answer.Interval.ShouldBe(TimeSpan.FromMinutes(40));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_fails_takes_nothing_from_the_other(bool isFour)
    {
        (isFour ? _four : _six).Answer = _ => throw new TrackerException("t", "no such family");
        var answer = await new DualTracker(_four, _six, _clock).AnnounceAsync(TrackerSamples.Request(), Token);
        answer.Peers[0].ShouldBe(isFour ? Six : Four);
    }

    [Fact]
    public async Task One_that_is_silent_is_not_waited_for_long()
    {
        var silent = new SilentTracker();
        var asking = new DualTracker(silent, _six, _clock).AnnounceAsync(TrackerSamples.Request(), Token);
        await _six.NextAsync();
        await Eventually.TrueAsync(() => _clock.ArmedTimers > 0, "it waits for the other", Engines.Deadline, Token);
        asking.IsCompleted.ShouldBeFalse();
        _clock.Advance(DualTracker.Grace);
        (await asking.WaitAsync(Engines.Deadline, Token)).Peers[0].ShouldBe(Six);
        silent.WasCancelled.ShouldBeTrue();
    }

    [Fact]
    public async Task When_both_fail_the_first_says_why()
    {
        _four.Answer = _ => throw new TrackerException("t", "refused") { IsRefusal = true };
        _six.Answer = _ => throw new TrackerException("t", "no such family");
        (await Should.ThrowAsync<TrackerException>(() => new DualTracker(_four, _six, _clock).AnnounceAsync(TrackerSamples.Request(), Token))).Message.ShouldContain("refused");
        await Should.ThrowAsync<OperationCanceledException>(() =>
            new DualTracker(new SilentTracker(), new SilentTracker(), _clock).AnnounceAsync(TrackerSamples.Request(), new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task A_real_one_that_is_found_at_both_hears_of_both_addresses()
    {
        using var logs = new CollectedLogs();
        await using var engine = new BitTorrentEngine(Engines.Options with { Listen = new IPEndPoint(IPAddress.IPv6Any, 0) }, TimeProvider.System, logs);
        var tracker = new Tracker(new SwarmRegistry(new SwarmRegistryOptions(), TimeProvider.System, Random.Shared), AnyTorrent.Host, AnnounceKeys.None, TimeProvider.System);
        engine.Datagrams.Add(new UdpTrackerHandler(new UdpTrackerServer(tracker, TimeProvider.System), engine.Datagrams));
        await engine.StartAsync(Token);
        using var client = new TrackerClient(TimeProvider.System, bothFamilies: true, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback, IPAddress.IPv6Loopback]));

        await client.Open($"udp://tracker.example:{engine.ListenEndPoint.Port}").AnnounceAsync(TrackerSamples.Request(), Token).WaitAsync(Engines.Deadline, Token);

        tracker.Registry.TryCount(TrackerSamples.Hash, out var counts).ShouldBeTrue();
        (counts.Seeders + counts.Leechers).ShouldBe(2);
    }

    private static AnnounceAnswer Answer(int minutes, params IPEndPoint[] peers) => new() { Interval = TimeSpan.FromMinutes(minutes), Peers = peers };

    /// <summary>Never answers.</summary>
    private sealed class SilentTracker : ITracker
    {
        public string Name => "t";

        public bool WasCancelled { get; private set; }

        public async Task<AnnounceAnswer> AnnounceAsync(AnnounceRequest request, CancellationToken cancellationToken)
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                throw new InvalidOperationException("unreachable");
            }
            finally
            {
                WasCancelled = cancellationToken.IsCancellationRequested;
            }
        }

        public Task<IReadOnlyDictionary<InfoHash, SwarmCounts>> ScrapeAsync(IReadOnlyList<InfoHash> infoHashes, CancellationToken cancellationToken) =>
            throw new TrackerException(Name, "no scrape here");
    }
}
