using Microsoft.Extensions.Logging.Abstractions;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.TestKit.Logging;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Trackers;

public sealed class TrackerTiersTests
{
    private static readonly AnnounceAnswer Fine = new() { Interval = TimeSpan.FromMinutes(30), TrackerId = new byte[] { 7 } };

    private readonly ManualTimeProvider _clock = new();
    private readonly Dictionary<string, FakeTracker> _trackers = "abcd".ToDictionary(name => name.ToString(), name => new FakeTracker(name.ToString()));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_that_answers_moves_to_the_front_of_its_tier()
    {
        Fail("a");
        Fail("b");
        var tiers = Make(["a"], ["b", "c"], ["d"]);
        await tiers.AnnounceAsync(TrackerSamples.Request(), Cancellation);
        _trackers["d"].Announces.ShouldBeEmpty();
        tiers.Statuses.Select(status => status.Tracker).ShouldBe(["a", "c", "b", "d"]);
        tiers.Statuses[0].ShouldBe(new TrackerStatus("a", 0, Answered: false, "tracker a: down"));
        tiers.Statuses[1].ShouldBe(new TrackerStatus("c", 1, Answered: true, Problem: null));
        tiers.Statuses[3].Answered.ShouldBeNull();

        Succeed("b");
        await tiers.AnnounceAsync(TrackerSamples.Request(), Cancellation);
        tiers.Statuses.Select(status => status.Tracker).ShouldBe(["a", "c", "b", "d"], "c still answers first");
    }

    [Fact]
    public async Task Each_tracker_hears_started_first_and_its_own_id_back()
    {
        var tiers = Make(["a"], ["b"]);
        Succeed("a", Fine);
        await tiers.AnnounceAsync(TrackerSamples.Request(AnnounceEvent.Completed), Cancellation);
        await tiers.AnnounceAsync(TrackerSamples.Request(), Cancellation);
        await tiers.AnnounceAsync(TrackerSamples.Request() with { InfoHash = default }, Cancellation);
        Fail("a");
        await tiers.AnnounceAsync(TrackerSamples.Request(AnnounceEvent.Completed), Cancellation);

        _trackers["a"].Announces.Select(request => request.Event).ShouldBe(
            [AnnounceEvent.Started, AnnounceEvent.None, AnnounceEvent.Started, AnnounceEvent.Completed]);
        _trackers["a"].Announces[0].TrackerId.IsEmpty.ShouldBeTrue();
        _trackers["a"].Announces[1].TrackerId.ToArray().ShouldBe([7]);
        _trackers["b"].Announces.Select(request => request.Event).ShouldBe([AnnounceEvent.Started]);
    }

    [Fact]
    public async Task When_none_answers_every_reason_is_told()
    {
        Fail("a");
        Fail("b");
        var error = await Should.ThrowAsync<TrackerException>(() => Make(["a", "b"]).AnnounceAsync(TrackerSamples.Request(), Cancellation));
        error.Message.ShouldContain("tracker a: down");
        error.Message.ShouldContain("tracker b: down");
        error.InnerException.ShouldBeOfType<TrackerException>();
        (await Should.ThrowAsync<TrackerException>(() => Make().AnnounceAsync(TrackerSamples.Request(), Cancellation)))
            .Message.ShouldContain("no trackers");
    }

    [Fact]
    public async Task A_tracker_that_asks_for_rest_is_left_alone()
    {
        var tiers = Make(["a"], ["b"]);
        _trackers["a"].Answer = _ => throw new TrackerException("a", "busy") { RetryAfter = TimeSpan.FromMinutes(5) };
        _trackers["b"].Answer = _ => throw new TrackerException("b", "gone") { RetryAfter = Timeout.InfiniteTimeSpan };
        for (var round = 0; round < 2; round++)
        {
            await Should.ThrowAsync<TrackerException>(() => tiers.AnnounceAsync(TrackerSamples.Request(), Cancellation));
        }

        _trackers["a"].Announces.Count.ShouldBe(1);
        _clock.Advance(TimeSpan.FromMinutes(5));
        Succeed("a");
        await tiers.AnnounceAsync(TrackerSamples.Request(), Cancellation);
        _trackers["b"].Announces.Count.ShouldBe(1, "never means never");
    }

    [Fact]
    public async Task Only_trackers_that_know_us_hear_good_bye()
    {
        var logs = new CollectedLogs();
        var tiers = Make(logs, ["a"], ["b"]);
        await tiers.AnnounceAsync(TrackerSamples.Request(), Cancellation);
        Fail("a");
        await tiers.StopAsync(TrackerSamples.Request(AnnounceEvent.Stopped), Cancellation);
        await tiers.StopAsync(TrackerSamples.Request(AnnounceEvent.Stopped), Cancellation);
        _trackers["a"].Announces.Select(request => request.Event).ShouldBe([AnnounceEvent.Started, AnnounceEvent.Stopped]);
        _trackers["b"].Announces.ShouldBeEmpty();
        logs.Has(2102).ShouldBeTrue("a failed good-bye is logged, not thrown");
    }

    [Fact]
    public void Unknown_kinds_of_trackers_are_left_out_with_a_message()
    {
        var logs = new CollectedLogs();
        var tiers = Make(logs, ["wrong"], ["a"]);
        tiers.Statuses.ShouldHaveSingleItem().Tracker.ShouldBe("a");
        tiers.IsEmpty.ShouldBeFalse();
        logs.Has(2103).ShouldBeTrue();
        Make(["wrong"]).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void A_tier_is_shuffled_within_itself()
    {
        var orders = Enumerable.Range(0, 50)
            .Select(seed => string.Concat(new TrackerTiers([["a", "b"], ["c", "d"]], Open, new Random(seed), _clock, NullLogger.Instance)
                .Statuses.Select(status => status.Tracker)))
            .ToHashSet();
        orders.ShouldBe(["abcd", "bacd", "abdc", "badc"], ignoreOrder: true);
    }

    private TrackerTiers Make(params string[][] tiers) => Make(new CollectedLogs(), tiers);

    private TrackerTiers Make(CollectedLogs logs, params string[][] tiers) =>
        new(tiers, Open, new Unshuffled(), _clock, logs.CreateLogger("tiers"));

    private FakeTracker Open(string address) =>
        _trackers.TryGetValue(address, out var tracker) ? tracker : throw new TrackerException(address, "unknown kind");

    private void Fail(string name) => _trackers[name].Answer = _ => throw new TrackerException(name, "down");

    private void Succeed(string name, AnnounceAnswer? answer = null) => _trackers[name].Answer = _ => answer ?? Fine;

    private sealed class Unshuffled : Random
    {
        public override int Next(int minValue, int maxValue) => minValue;
    }
}
