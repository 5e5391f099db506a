using System.Net;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Wire;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>How many connections a swarm makes itself, how many places it keeps for those who come, and who has them (BEP 40).</summary>
public sealed class PeerTableTests : IDisposable
{
    private const int Places = 30;
    private static readonly IPEndPoint Own = new(IPAddress.Parse("123.213.32.10"), 5056);

    private readonly ManualTimeProvider _clock = new();
    private readonly QuietServices _services;
    private readonly TorrentBandwidth _bandwidth;
    private readonly RecordingDialler _dialler = new();
    private readonly PeerTable _table;

    public PeerTableTests()
    {
        _services = new QuietServices(new BitTorrentOptions { MaxConnectionsPerSwarm = Places, Listen = Own }, time: _clock);
        _services.Engine.ListenPort = Own.Port;
        _bandwidth = new TorrentBandwidth(_services.Engine.Limits, TransferLimits.None, _clock);
        _table = new PeerTable(_services.Engine, _dialler, _bandwidth);
    }

    [Theory]
    [InlineData(0, 10, 15)]
    [InlineData(3, 10, 12)]
    [InlineData(10, 10, 10)]
    [InlineData(25, 5, 5)]
    [InlineData(30, 0, 0)]
    public void A_third_of_the_places_are_dialled_and_up_to_half_by_whom_nobody_comes_to(int come, int atOnce, int later)
    {
        for (var number = 1; number <= come; number++)
        {
            _table.TryJoin(new QuietLink(Address(200 + number))).ShouldNotBeNull();
        }

        _table.Add(Enumerable.Range(1, 80).Select(Address), PeerSource.Tracker);
        _table.Connect(seeding: false, isSettled: false);
        _dialler.Called.Count.ShouldBe(atOnce);
        _table.Connect(seeding: false, isSettled: true);
        _dialler.Called.Count.ShouldBe(later);
    }

    [Fact]
    public void Of_more_addresses_than_places_those_of_the_highest_canonical_priority_are_dialled()
    {
        // Of the two whose priorities are published, 0xec2d7224 and 0x99568189, the first is among the best ten of eighty.
        IPEndPoint[] published = [new(IPAddress.Parse("98.76.54.32"), 5056), new(IPAddress.Parse("123.213.32.234"), 5056)];
        IPEndPoint[] known = [.. published, .. Enumerable.Range(1, 78).Select(Address)];
        _table.Add(known, PeerSource.Tracker);

        _table.Connect(seeding: false, isSettled: false);

        _dialler.Called.ShouldBe(known.OrderByDescending(Priority).Take(Places / 3));
        _dialler.Called.ShouldContain(published[0]);
        _dialler.Called.ShouldNotContain(published[1]);
    }

    [Fact]
    public void A_full_table_gives_the_place_of_the_lowest_canonical_priority_to_a_higher_one_and_none_to_a_lower_one()
    {
        var ranked = Enumerable.Range(1, Places + 2).Select(Address).OrderBy(Priority).ToArray();
        var links = ranked[1..^1].Select(endPoint => new QuietLink(endPoint)).ToArray();
        Random.Shared.Shuffle(links);
        Fill(links);

        _table.TryJoin(new QuietLink(ranked[0])).ShouldBeNull();
        links.ShouldAllBe(link => !link.IsClosing);

        _table.TryJoin(new QuietLink(ranked[^1])).ShouldNotBeNull();
        links.Where(link => link.IsClosing).Select(link => link.EndPoint).ShouldBe([ranked[1]]);
    }

    [Fact]
    public void Who_is_being_closed_holds_no_place_meanwhile()
    {
        var ranked = Enumerable.Range(1, Places + 2).Select(Address).OrderBy(Priority).ToArray();
        var links = ranked[..Places].Select(endPoint => new QuietLink(endPoint)).ToArray();
        Fill(links);
        links[5].Close("its end has not been told yet");

        _table.TryJoin(new QuietLink(ranked[^1])).ShouldNotBeNull();

        links.Count(link => link.IsClosing).ShouldBe(1);
    }

    [Fact]
    public void A_peer_that_connects_again_gets_the_place_of_its_dead_connection_in_a_full_table()
    {
        // The peer of the lowest priority: nobody else's place would be given to it.
        var ranked = Enumerable.Range(1, Places).Select(Address).OrderBy(Priority).ToArray();
        var self = PeerId.Create();
        var dead = new QuietLink(ranked[0], peerId: self);
        QuietLink[] others = [.. ranked[1..].Select(endPoint => new QuietLink(endPoint))];
        Fill([dead, .. others]);

        _table.TryJoin(new QuietLink(new IPEndPoint(ranked[0].Address, 40_000), peerId: self)).ShouldNotBeNull();

        dead.IsClosing.ShouldBeTrue();
        others.ShouldAllBe(link => !link.IsClosing);
    }

    [Fact]
    public void Who_hears_nothing_is_told_that_we_live_before_two_minutes_are_over()
    {
        var link = new QuietLink(Address(1)) { LastReceived = _clock.GetTimestamp(), LastSent = _clock.GetTimestamp() };
        Fill([link]);

        var keepAliveAt = TimeSpan.Zero;
        for (var second = 1; keepAliveAt == TimeSpan.Zero && second < 300; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            link.LastReceived = _clock.GetTimestamp();
            _table.Tick();
            var said = ((PeerOutbox)link.Outbox).TakeMessages();
            if (said.Length > 0)
            {
                said.ToArray().ShouldBe(new byte[4], "a length of 0, and no more");
                keepAliveAt = TimeSpan.FromSeconds(second);
            }
        }

        keepAliveAt.ShouldBeInRange(TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(119));
        link.IsClosing.ShouldBeFalse();

        _clock.Advance(_services.Engine.Options.IdleTimeout + TimeSpan.FromSeconds(1));
        _table.Tick();
        link.IsClosing.ShouldBeTrue("who is silent itself is hung up on");
    }

    public void Dispose()
    {
        _bandwidth.Dispose();
        _services.Dispose();
    }

    // Each in a network of its own: within one the mask makes many priorities the same.
    private static IPEndPoint Address(int number) => new(new IPAddress([10, (byte)number, 0, 1]), 5056);

    private static uint Priority(IPEndPoint theirs) => PeerPriority.Of(Own, theirs);

    private void Fill(IEnumerable<QuietLink> links)
    {
        foreach (var link in links)
        {
            _table.TryJoin(link).ShouldNotBeNull();
        }
    }

    private sealed class RecordingDialler : IPeerDialler
    {
        public List<IPEndPoint> Called { get; } = [];

        public bool Admits(IPAddress address) => true;

        public bool TryDial(IPEndPoint endPoint)
        {
            Called.Add(endPoint);
            return true;
        }
    }
}
