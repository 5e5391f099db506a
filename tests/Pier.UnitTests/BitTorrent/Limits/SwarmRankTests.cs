using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.Content;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Limits;

public sealed class SwarmRankTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly ForegroundSwarms _foreground = new();

    [Fact]
    public void Who_has_a_reader_goes_first_and_others_give_way_while_its_bytes_arrive()
    {
        using var limits = new LiveLimits(EngineLimits.None, new ConnectionCount(1, 1), _clock);
        var (read, windows) = Make(limits, SwarmPriority.Normal);
        var (other, _) = Make(limits, SwarmPriority.Background);
        var window = windows.Open(new ByteRange(0, 10));
        read.Update(isReceiving: false);
        read.IsForeground.ShouldBeTrue();
        other.Yields.ShouldBeFalse("nothing arrives for the reader, so giving way would help nobody");
        read.Update(isReceiving: true);
        read.Update(isReceiving: true);
        other.Yields.ShouldBeTrue();
        read.Yields.ShouldBeFalse();
        other.Priority = SwarmPriority.High;
        other.Yields.ShouldBeFalse();
        other.Priority = SwarmPriority.Normal;
        window.Dispose();
        read.Update(isReceiving: true);
        other.Yields.ShouldBeFalse();
    }

    [Fact]
    public void A_background_torrents_windows_do_not_put_it_first()
    {
        using var limits = new LiveLimits(EngineLimits.None, new ConnectionCount(1, 1), _clock);
        var (rank, windows) = Make(limits, SwarmPriority.Background);
        using var window = windows.Open(new ByteRange(0, 10));
        rank.IsForeground.ShouldBeFalse();
    }

    [Fact]
    public void A_torrents_own_rates_replace_those_of_all_and_follow_changes()
    {
        using var limits = new LiveLimits(new EngineLimits { Torrent = new TransferLimits(Down: 5, Up: 6) }, new ConnectionCount(1, 1), _clock);
        using var torrent = new TorrentBandwidth(limits, new TransferLimits(Up: 7), _clock);
        (torrent.Down.Bucket.Rate, torrent.Up.Bucket.Rate).ShouldBe((5, 7));
        limits.Current = EngineLimits.None;
        (torrent.Down.Bucket.Rate, torrent.Up.Bucket.Rate).ShouldBe((0, 7));
        torrent.Own = TransferLimits.None;
        torrent.Up.Bucket.Rate.ShouldBe(0);
    }

    [Fact]
    public void A_seeding_goal_is_reached_by_ratio_or_by_time_spent_seeding()
    {
        var watch = new SeedingWatch(new SeedingGoal(Ratio: 2, Time: TimeSpan.FromHours(1)), _clock);
        watch.Look(isSeeding: true, uploaded: 1999, size: 1000).ShouldBeNull();
        watch.Look(isSeeding: true, uploaded: 2000, size: 1000)!.ShouldContain("2000 bytes sent");
        _clock.Advance(TimeSpan.FromMinutes(59));
        watch.Look(isSeeding: true, uploaded: 0, size: 1000).ShouldBeNull();
        _clock.Advance(TimeSpan.FromHours(5));
        watch.Look(isSeeding: false, uploaded: 0, size: 1000).ShouldBeNull();
        _clock.Advance(TimeSpan.FromMinutes(1));
        watch.Look(isSeeding: true, uploaded: 0, size: 1000)!.ShouldContain("seeded for 1:00:00");
        watch.Goal = SeedingGoal.None;
        watch.Look(isSeeding: true, uploaded: long.MaxValue, size: 1000).ShouldBeNull();
    }

    private (SwarmRank Rank, ReaderWindows Windows) Make(LiveLimits limits, SwarmPriority priority)
    {
        var windows = new ReaderWindows(() => { });
        return (new SwarmRank(_foreground, new TorrentBandwidth(limits, TransferLimits.None, _clock), windows) { Priority = priority }, windows);
    }
}
