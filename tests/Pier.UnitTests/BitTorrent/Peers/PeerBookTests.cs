using System.Net;
using Pier.BitTorrent.Peers;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Peers;

/// <summary>Which addresses are tried, and when again.</summary>
public sealed class PeerBookTests
{
    private static readonly IPEndPoint Somebody = new(IPAddress.Parse("10.0.0.1"), 5056);

    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Each_address_is_tried_once_at_a_time()
    {
        var book = Book();
        book.Add(Somebody, PeerSource.Told).ShouldBeTrue();
        book.Add(Somebody, PeerSource.Told).ShouldBeFalse();
        book.TakeDue(seeding: false).ShouldBe(Somebody);
        book.TakeDue(seeding: false).ShouldBeNull();
        book.Dialling.ShouldBe(1);
    }

    [Fact]
    public void Failures_make_the_pause_longer_each_time()
    {
        var book = Book();
        book.Add(Somebody, PeerSource.Told);
        foreach (var pause in new[] { 5, 10, 20, 40 })
        {
            book.TakeDue(seeding: false).ShouldBe(Somebody);
            book.Failed(Somebody);
            _clock.Advance(TimeSpan.FromSeconds(pause - 1));
            book.TakeDue(seeding: false).ShouldBeNull();
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        book.Dialling.ShouldBe(0);
    }

    [Fact]
    public void The_best_ranked_is_tried_first_and_when_none_is_due_nobody_is()
    {
        var other = new IPEndPoint(IPAddress.Parse("198.51.100.9"), 6881);
        var book = new PeerBook(10, _clock);
        book.Add(Somebody, PeerSource.Told);
        book.Add(other, PeerSource.Told);
        book.TakeDue(seeding: false, address => address.Equals(other) ? 2u : 1u).ShouldBe(other);
        book.TakeDue(seeding: false, _ => 0).ShouldBe(Somebody);
        book.TakeDue(seeding: false, _ => 0).ShouldBeNull();
    }

    [Fact]
    public void A_seed_leaves_seeds_alone()
    {
        var book = Book();
        book.Add(Somebody, PeerSource.Told);
        book.TakeDue(seeding: true).ShouldBe(Somebody);
        book.Dialled(Somebody);
        book.Ended(Somebody, isSeed: true);
        _clock.Advance(TimeSpan.FromHours(1));
        book.TakeDue(seeding: true).ShouldBeNull();
        book.TakeDue(seeding: false).ShouldBe(Somebody);
    }

    [Fact]
    public void The_buried_stay_buried()
    {
        var book = Book();
        book.Add(Somebody, PeerSource.Told);
        book.Bury(Somebody);
        _clock.Advance(TimeSpan.FromDays(1));
        book.TakeDue(seeding: false).ShouldBeNull();
        book.Add(Somebody, PeerSource.Told).ShouldBeFalse();
    }

    [Fact]
    public void Addresses_that_are_no_peers_and_more_than_there_is_room_for_are_left_out()
    {
        var book = Book();
        book.Add(new IPEndPoint(IPAddress.Any, 1), PeerSource.Told).ShouldBeFalse();
        book.Add(new IPEndPoint(IPAddress.Loopback, 0), PeerSource.Told).ShouldBeFalse();
        book.Add(new IPEndPoint(IPAddress.Parse("10.0.0.1"), 1), PeerSource.Told).ShouldBeTrue();
        book.Add(new IPEndPoint(IPAddress.Parse("10.0.0.1"), 2), PeerSource.Told).ShouldBeTrue();
        book.Add(new IPEndPoint(IPAddress.Parse("10.0.0.1"), 3), PeerSource.Told).ShouldBeFalse();
    }

    [Theory]
    [InlineData(PeerSource.Exchange)]
    [InlineData(PeerSource.Dht)]
    [InlineData(PeerSource.Local)]
    public void Hearsay_makes_room_for_whom_a_tracker_names_and_not_the_other_way(PeerSource hearsay)
    {
        var book = Book();
        book.Add(new IPEndPoint(IPAddress.Parse("6.6.6.6"), 1), hearsay).ShouldBeTrue();
        book.TakeDue(seeding: false).ShouldNotBeNull();
        book.Add(new IPEndPoint(IPAddress.Parse("6.6.6.6"), 2), hearsay).ShouldBeTrue();
        book.Add(new IPEndPoint(IPAddress.Parse("6.6.6.6"), 3), hearsay).ShouldBeFalse();

        book.Add(Somebody, PeerSource.Tracker).ShouldBeTrue();
        book.Count.ShouldBe(2);
        book.SourceOf(new IPEndPoint(IPAddress.Parse("6.6.6.6"), 1)).ShouldBe(hearsay, "it is being tried");

        book.Add(new IPEndPoint(IPAddress.Parse("6.6.6.6"), 3), hearsay).ShouldBeFalse();
        book.Add(new IPEndPoint(IPAddress.Parse("9.9.9.9"), 3), PeerSource.Tracker).ShouldBeFalse();
    }

    [Fact]
    public void Loopback_peers_are_banned_by_name_and_others_by_address()
    {
        var bans = new BanList();
        var (bad, good) = (PeerId.Create(), PeerId.Create());
        bans.Add(new PeerOrigin(new IPEndPoint(IPAddress.Loopback, 1), bad)).ShouldBeTrue();
        bans.Contains(IPAddress.Loopback, bad).ShouldBeTrue();
        bans.Contains(IPAddress.Loopback, good).ShouldBeFalse();
        bans.Contains(IPAddress.Loopback).ShouldBeFalse();
        bans.Add(new PeerOrigin(Somebody, bad)).ShouldBeTrue();
        bans.Add(new PeerOrigin(Somebody, good)).ShouldBeFalse();
        bans.Contains(Somebody.Address, good).ShouldBeTrue();
    }

    private PeerBook Book() => new(maxEntries: 2, _clock);
}
