using System.Net;
using Pier.BitTorrent.Dht;
using Pier.BitTorrent.Torrents;

namespace Pier.UnitTests.BitTorrent.Dht;

/// <summary>Whole DHTs on a virtual clock.</summary>
public sealed class DhtNetworkTests
{
    private static readonly InfoHash Torrent = new("mnopqrstuvwxyz123456"u8);

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void Among_three_hundred_nodes_one_finds_who_announced(double loss)
    {
        var network = new SimulatedDht(seed: 1, loss);
        var nodes = network.Grow(300);
        nodes.Count(node => node.Dht.Statistics.Nodes < 8).ShouldBeLessThan(3, "who lost every question is few, and asks again");

        Follow(nodes[17]);
        network.Run(TimeSpan.FromSeconds(20));
        var found = Follow(nodes[233]);
        var before = network.Datagrams;
        network.Run(TimeSpan.FromSeconds(20));

        found.ShouldContain(nodes[17].EndPoint);
        var target = NodeId.Of(Torrent);
        nodes.Order(Comparer<SimulatedNode>.Create((one, other) => target.CompareDistances(one.Dht.State.V4!.Value, other.Dht.State.V4!.Value)))
            .Take(8).Count(node => node.Dht.Statistics.StoredTorrents > 0).ShouldBeGreaterThanOrEqualTo(6, "who is near the torrent keeps it, wherever it lived before");
        nodes.Sum(node => node.Dht.Statistics.StoredTorrents).ShouldBeInRange(6, 16, "and nobody else does");
        (network.Datagrams - before).ShouldBeLessThan(2500, "a search asks few of the nodes");
        nodes.Sum(node => node.Dht.Statistics.Searches).ShouldBe(0);
    }

    [Fact]
    public void Announces_are_repeated_and_forgotten_when_they_stop()
    {
        var network = new SimulatedDht(seed: 2);
        var nodes = network.Grow(40);
        var followed = nodes[3].Dht.TryFollow(Torrent, _ => { })!;
        network.Run(TimeSpan.FromHours(2));
        Finds(network, nodes[9]).ShouldContain(nodes[3].EndPoint);

        nodes[3].Dht.Drop(followed);
        network.Run(TimeSpan.FromMinutes(45));
        Finds(network, nodes[20]).ShouldNotContain(nodes[3].EndPoint);
    }

    [Fact]
    public void A_third_of_the_nodes_may_vanish()
    {
        var network = new SimulatedDht(seed: 3);
        var nodes = network.Grow(150);
        Follow(nodes[0]);
        network.Run(TimeSpan.FromSeconds(20));
        foreach (var lost in nodes.Skip(50).Take(50))
        {
            network.Kill(lost);
        }

        Finds(network, nodes[149]).ShouldContain(nodes[0].EndPoint);
        network.Run(TimeSpan.FromMinutes(40));
        Finds(network, nodes[30]).ShouldContain(nodes[0].EndPoint);
    }

    [Fact]
    public void A_node_begins_again_where_it_ended()
    {
        var network = new SimulatedDht(seed: 4);
        var nodes = network.Grow(60);
        Follow(nodes[5]);
        network.Run(TimeSpan.FromSeconds(20));
        var state = nodes[40].Dht.State;
        state.Nodes.Count.ShouldBeGreaterThan(8);
        network.Kill(nodes[40]);

        var again = network.Add(nodes[40].EndPoint, before: state);

        again.Dht.State.V4.ShouldBe(state.V4);
        again.Dht.Statistics.Nodes.ShouldBe(0, "saved nodes have to answer first");
        Finds(network, again).ShouldContain(nodes[5].EndPoint);
    }

    [Fact]
    public void Two_nodes_are_enough_and_the_one_hears_at_once_of_the_other()
    {
        var network = new SimulatedDht(seed: 5);
        var first = network.Add();
        var second = network.Add();
        var found = Follow(first);
        second.Dht.Meet(first.EndPoint);
        network.Run(TimeSpan.FromSeconds(10));
        Follow(second);
        network.Run(TimeSpan.FromSeconds(10));
        found.ShouldContain(second.EndPoint);
    }

    [Fact]
    public void A_read_only_node_finds_peers_and_stands_in_nobodys_table()
    {
        var network = new SimulatedDht(seed: 6);
        var nodes = network.Grow(40);
        Follow(nodes[1]);
        network.Run(TimeSpan.FromSeconds(10));
        var shy = network.Add(options: new DhtOptions { IsReadOnly = true });
        shy.Dht.Meet(nodes[7].EndPoint);

        Finds(network, shy).ShouldContain(nodes[1].EndPoint);

        network.Run(TimeSpan.FromMinutes(1));
        shy.Dht.Statistics.QueriesAnswered.ShouldBe(0);
        nodes.ShouldAllBe(node => node.Dht.State.Nodes.All(known => !known.EndPoint.Equals(shy.EndPoint)));
    }

    [Fact]
    public void A_node_takes_the_id_that_follows_from_its_address()
    {
        var network = new SimulatedDht(seed: 7);
        var nodes = network.Grow(30);
        nodes.Count(node => SecureNodeId.IsValid(node.Dht.State.V4!.Value, node.EndPoint.Address)).ShouldBeGreaterThan(25);
        nodes[12].Dht.Statistics.ExternalAddress.ShouldBe(nodes[12].EndPoint.Address);
    }

    [Fact]
    public void IPv6_nodes_form_a_DHT_of_their_own_that_a_node_of_both_learns_of()
    {
        var network = new SimulatedDht(seed: 8);
        List<SimulatedNode> sixes = [.. Enumerable.Range(1, 20).Select(i => network.Add(new IPEndPoint(IPAddress.Parse($"2a00:0:0:{i}::1"), 6881)))];
        sixes.Skip(1).ToList().ForEach(node => node.Dht.Meet(sixes[0].EndPoint));
        network.Run(TimeSpan.FromSeconds(30));
        Follow(sixes[4]);
        network.Run(TimeSpan.FromSeconds(10));

        Finds(network, sixes[11]).ShouldContain(sixes[4].EndPoint);
        sixes[11].Dht.State.Nodes.ShouldAllBe(node => node.EndPoint.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6);
    }

    [Fact]
    public void Searches_wait_for_each_other_and_all_come_to_pass()
    {
        var network = new SimulatedDht(seed: 9);
        var nodes = network.Grow(30, new DhtOptions { MaxSearches = 2 });
        for (byte i = 0; i < 40; i++)
        {
            nodes[2].Dht.TryFollow(new InfoHash([.. new byte[19], i]), _ => { }).ShouldNotBeNull();
        }

        network.Run(TimeSpan.FromSeconds(1));
        nodes[2].Dht.Statistics.Searches.ShouldBeInRange(1, 2);
        network.Run(TimeSpan.FromMinutes(2));
        nodes.SelectMany(node => Enumerable.Repeat(node.Dht.Statistics.StoredTorrents, 1)).Max().ShouldBe(40, "30 nodes are all near everything");
    }

    private static List<IPEndPoint> Finds(SimulatedDht network, SimulatedNode node)
    {
        var found = Follow(node);
        network.Run(TimeSpan.FromSeconds(20));
        return found;
    }

    private static List<IPEndPoint> Follow(SimulatedNode node)
    {
        List<IPEndPoint> found = [];
        node.Dht.TryFollow(Torrent, found.AddRange).ShouldNotBeNull();
        return found;
    }
}
