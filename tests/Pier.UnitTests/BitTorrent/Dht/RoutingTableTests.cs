using System.Net;
using Pier.BitTorrent.Dht;
using Pier.BitTorrent.Dht.Routing;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Dht;

/// <summary>The routing table on a hand-moved clock.</summary>
public sealed class RoutingTableTests
{
    private static readonly NodeId Own = new(new byte[20]);
    private readonly ManualTimeProvider _time = new();
    private readonly Random _random = new(1);
    private readonly RoutingTable _table;
    private int _next;

    public RoutingTableTests() => _table = new RoutingTable(Own, _time);

    [Fact]
    public void Far_buckets_hold_eight_and_near_ones_are_split_off()
    {
        for (var i = 0; i < 2000; i++)
        {
            _table.Answered(Node(NodeId.Random(_random)));
        }

        var byPrefix = _table.Entries.GroupBy(entry => Own.SharedBits(entry.Contact.Id)).ToDictionary(group => group.Key, group => group.Count());
        byPrefix[0].ShouldBe(Bucket.Size);
        byPrefix[3].ShouldBe(Bucket.Size);
        _table.Count.ShouldBeInRange(50, 100);
    }

    [Fact]
    public void The_closest_are_the_closest()
    {
        List<NodeContact> all = [];
        for (var i = 0; i < 60; i++)
        {
            var node = Node(Own.Beside(i % 10, _random));
            _table.Answered(node);
            if (_table.Entries.Any(entry => entry.Contact == node))
            {
                all.Add(node);
            }
        }

        var target = Own.Beside(4, _random);
        all.Sort((a, b) => target.CompareDistances(a.Id, b.Id));
        _table.Closest(target, 8).ShouldBe(all.Take(8));
    }

    [Fact]
    public void One_node_an_address_except_on_our_own_machine()
    {
        var address = IPAddress.Parse("5.5.5.5");
        _table.Answered(new NodeContact(NodeId.Random(_random), new IPEndPoint(address, 1)));
        _table.Answered(new NodeContact(NodeId.Random(_random), new IPEndPoint(address, 2)));
        _table.Count.ShouldBe(1);
        _table.Answered(new NodeContact(NodeId.Random(_random), new IPEndPoint(IPAddress.Parse("2a00:0:0:1::1"), 1)));
        _table.Answered(new NodeContact(NodeId.Random(_random), new IPEndPoint(IPAddress.Parse("2a00:0:0:1::2"), 1)));
        _table.Count.ShouldBe(2);
        _table.Answered(new NodeContact(NodeId.Random(_random), new IPEndPoint(IPAddress.Loopback, 1)));
        _table.Answered(new NodeContact(NodeId.Random(_random), new IPEndPoint(IPAddress.Loopback, 2)));
        _table.Count.ShouldBe(4);
        _table.Answered(new NodeContact(NodeId.Random(_random), new IPEndPoint(IPAddress.Parse("fd00::1"), 1)));
        _table.Answered(new NodeContact(NodeId.Random(_random), new IPEndPoint(IPAddress.Parse("fd00::2"), 1)));
        _table.Count.ShouldBe(6, "hosts of a private network are no inventions of one machine");
    }

    [Fact]
    public void A_full_bucket_has_its_oldest_questionable_node_pinged_and_keeps_the_newcomer_for_its_silence()
    {
        var first = Fill();
        var newcomer = Node(Own.Beside(0, _random));
        _table.Answered(newcomer).ShouldBeNull("all were heard of just now");
        _time.Advance(TimeSpan.FromMinutes(16));
        _table.Answered(Node(Own.Beside(0, _random))).ShouldBe(first);

        _table.Failed(first);
        _table.Entries.ShouldContain(entry => entry.Contact == first);
        _table.Failed(first);
        _table.Entries.ShouldNotContain(entry => entry.Contact == first);
        _table.Entries.Count(entry => Own.SharedBits(entry.Contact.Id) == 0).ShouldBe(Bucket.Size);
    }

    [Fact]
    public void An_id_is_not_taken_over_while_its_node_lives()
    {
        var node = Node(Own.Beside(3, _random));
        _table.Answered(node);
        var thief = Node(node.Id);

        _table.Answered(thief);
        _table.Closest(node.Id, 1).ShouldBe([node]);

        _table.Failed(node);
        _table.Failed(node);
        _table.Answered(thief);
        _table.Closest(node.Id, 1).ShouldBe([thief]);
    }

    [Fact]
    public void A_node_that_comes_back_under_another_id_leaves_its_old_place()
    {
        var node = Node(Own.Beside(3, _random));
        _table.Answered(node);
        var again = node with { Id = Own.Beside(1, _random) };
        _table.Answered(again);
        _table.Entries.Select(entry => entry.Contact).ShouldBe([again]);
    }

    [Fact]
    public void Ids_that_follow_from_addresses_are_preferred()
    {
        while (_table.Entries.Count(entry => entry.IsSecure) < Bucket.Size)
        {
            // Ids anywhere are invalid for nearly every public address (BEP 42).
            var address = Address();
            var id = SecureNodeId.Create(address, _random);
            _table.Answered(Node(Own.Beside(0, _random)));
            if (Own.SharedBits(id) == 0)
            {
                _table.Answered(new NodeContact(id, new IPEndPoint(address, 1)));
            }
        }

        _table.Entries.Where(entry => Own.SharedBits(entry.Contact.Id) == 0).ShouldAllBe(entry => entry.IsSecure);
    }

    [Fact]
    public void Neighbourhoods_that_nobody_was_heard_of_for_15_minutes_are_looked_up_once()
    {
        Fill();
        _table.StalePoints(_random).ShouldBeEmpty();
        _time.Advance(TimeSpan.FromMinutes(15));
        _table.StalePoints(_random).ToArray().ShouldNotBeEmpty();
        _table.StalePoints(_random).ShouldBeEmpty();
    }

    private NodeContact Fill()
    {
        var first = Node(Own.Beside(0, _random));
        _table.Answered(first);
        for (var i = 1; i < Bucket.Size; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _table.Answered(Node(Own.Beside(0, _random)));
        }

        // One near us, so that the far bucket is not the last one.
        _table.Answered(Node(Own.Beside(9, _random)));
        return first;
    }

    private NodeContact Node(NodeId id) => new(id, new IPEndPoint(Address(), 6881));

    private IPAddress Address() => new([11, (byte)(_next >> 16), (byte)(_next >> 8), (byte)_next++]);
}
