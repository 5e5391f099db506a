using System.Net;
using System.Text;
using Pier.BitTorrent.Datagrams;
using Pier.BitTorrent.Dht;
using Pier.BitTorrent.Dht.Krpc;
using Pier.BitTorrent.Torrents;
using Pier.TestKit.Time;
using Pier.UnitTests.BitTorrent.Fuzzing;

namespace Pier.UnitTests.BitTorrent.Dht;

/// <summary>What strangers send to one node, and what it does not do then.</summary>
public sealed class HostileNodeTests : IDatagramSender
{
    private static readonly InfoHash Torrent = new("mnopqrstuvwxyz123456"u8);
    private static readonly NodeId Theirs = new("abcdefghij0123456789"u8);
    private static readonly IPEndPoint Stranger = new(IPAddress.Parse("5.6.7.8"), 1000);

    private readonly ManualTimeProvider _time = new();
    private readonly List<(byte[] Bytes, IPEndPoint To)> _sent = [];
    private readonly DhtNode _node;
    private readonly KrpcWriter _writer = new(isReadOnly: false);

    public HostileNodeTests() => _node = new DhtNode(new DhtOptions(), DhtState.Empty, this, () => 6881, _time, new Random(1));

    public bool Send(ReadOnlySpan<byte> datagram, IPEndPoint to)
    {
        _sent.Add((datagram.ToArray(), to));
        return true;
    }

    [Fact]
    public void Nobody_announces_with_a_token_that_is_not_his()
    {
        _node.Receive(_writer.AnnouncePeer("aa"u8, Theirs, Torrent, 80, new byte[8]), Stranger);
        Error().ShouldBe(KrpcErrorCode.Protocol);
        _node.Receive(_writer.GetPeers("aa"u8, Theirs, Torrent, WantedNodes.Unsaid), Stranger);
        var token = Last().Token;
        token.Length.ShouldBe(8);

        _node.Receive(_writer.AnnouncePeer("aa"u8, Theirs, Torrent, 80, token), new IPEndPoint(IPAddress.Parse("5.6.7.9"), 1000));
        Error().ShouldBe(KrpcErrorCode.Protocol);
        _node.Statistics.StoredPeers.ShouldBe(0);

        _node.Receive(_writer.AnnouncePeer("aa"u8, Theirs, Torrent, 80, token), Stranger);
        Last().Kind.ShouldBe(KrpcKind.Answer);
        _node.Receive(_writer.GetPeers("aa"u8, Theirs, Torrent, WantedNodes.Unsaid), Stranger);
        Last().Values.ShouldBe([new IPEndPoint(Stranger.Address, 80)], "the address is the sender's, never one that he names");
    }

    [Fact]
    public void An_implied_port_is_the_senders()
    {
        _node.Receive(_writer.GetPeers("aa"u8, Theirs, Torrent, WantedNodes.Unsaid), Stranger);
        var announce = Encoding.Latin1.GetString(_writer.AnnouncePeer("aa"u8, Theirs, Torrent, 80, Last().Token)).Replace("implied_porti0e", "implied_porti1e", StringComparison.Ordinal);
        _node.Receive(Encoding.Latin1.GetBytes(announce), Stranger);
        _node.Receive(_writer.GetPeers("aa"u8, Theirs, Torrent, WantedNodes.Unsaid), Stranger);
        Last().Values.ShouldBe([Stranger]);
    }

    [Theory]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q4:vote1:t2:aa1:y1:qe", KrpcErrorCode.UnknownMethod)]
    [InlineData("d1:ad2:id3:abce1:q4:ping1:t2:aa1:y1:qe", KrpcErrorCode.Protocol)]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q9:get_peers1:t2:aa1:y1:qe", KrpcErrorCode.Protocol)]
    [InlineData("d1:ad2:id20:abcdefghij01234567896:target2:abe1:q9:find_node1:t2:aa1:y1:qe", KrpcErrorCode.Protocol)]
    public void Queries_that_lack_something_are_refused(string query, int code)
    {
        _node.Receive(Encoding.Latin1.GetBytes(query), Stranger);
        Error().ShouldBe(code);
    }

    [Fact]
    public void Answers_nobody_waits_for_and_answers_from_elsewhere_do_nothing()
    {
        _node.Receive(_writer.Answer(new byte[4], Theirs, Stranger, [], [], []), Stranger);
        _node.Meet(Stranger);
        _node.Tick();
        var ping = KrpcReader.Read(_sent.ShouldHaveSingleItem().Bytes);
        _node.Receive(_writer.Answer(ping.Transaction, Theirs, Stranger, [], [], []), new IPEndPoint(IPAddress.Parse("5.6.7.9"), 1000));

        _node.Statistics.Nodes.ShouldBe(0);
        _node.Statistics.Dropped.ShouldBe(2);
        _node.Receive(_writer.Answer(ping.Transaction, Theirs, Stranger, [], [], []), Stranger);
        _node.Statistics.Nodes.ShouldBe(1);
    }

    [Fact]
    public void A_flood_from_one_address_gets_few_answers_and_others_are_still_answered()
    {
        var ping = _writer.Ping("aa"u8, Theirs).ToArray();
        for (var i = 0; i < 1000; i++)
        {
            _node.Receive(ping, Stranger);
        }

        _sent.Count.ShouldBe(60);
        _node.Receive(ping, new IPEndPoint(IPAddress.Parse("5.6.7.9"), 1));
        _sent.Count.ShouldBe(61);
    }

    [Fact]
    public void Whoever_we_have_asked_is_heard_through_a_flood()
    {
        _node.Meet(Stranger);
        _node.Tick();
        var ping = KrpcReader.Read(_sent.ShouldHaveSingleItem().Bytes);
        for (var i = 0; i < 10_000; i++)
        {
            _node.Receive("d1:q4:ping"u8, new IPEndPoint(new IPAddress([12, 0, (byte)(i >> 8), (byte)i]), 6881));
        }

        _node.Receive(_writer.Answer(ping.Transaction, Theirs, Stranger, [], [], []), Stranger);
        _node.Statistics.Nodes.ShouldBe(1);
    }

    [Fact]
    public void Forged_addresses_get_a_bounded_number_of_bytes()
    {
        var query = _writer.GetPeers("aa"u8, Theirs, Torrent, WantedNodes.Unsaid).ToArray();
        for (var second = 0; second < 60; second++)
        {
            for (var i = 0; i < 3000; i++)
            {
                _node.Receive(query, new IPEndPoint(new IPAddress([12, (byte)second, (byte)(i >> 8), (byte)i]), 6881));
            }

            _time.Advance(TimeSpan.FromSeconds(1));
        }

        _sent.Sum(sent => (long)sent.Bytes.Length).ShouldBeInRange(60 * 100 << 10, 64 * 128 << 10);
    }

    [Fact]
    public void Queries_that_cannot_be_answered_are_not()
    {
        _node.Receive("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:y1:qe"u8, Stranger);
        _sent.ShouldBeEmpty();
        _node.Statistics.Dropped.ShouldBe(1);
    }

    [Fact]
    public void Strangers_make_us_ping_a_bounded_number_of_others()
    {
        for (var i = 0; i < 5000; i++)
        {
            var at = new IPEndPoint(new IPAddress([12, 0, (byte)(i >> 8), (byte)i]), 6881);
            _node.Receive(_writer.Ping("aa"u8, NodeId.Random(Random.Shared)), at);
        }

        _sent.Clear();
        for (var second = 0; second < 20; second++)
        {
            _node.Tick();
        }

        _sent.Count.ShouldBe(256);
    }

    [Fact]
    public void Peers_and_nodes_within_our_networks_are_not_taken_from_outside()
    {
        List<IPEndPoint> found = [];
        _node.TryFollow(Torrent, found.AddRange);
        Befriend(Stranger, Theirs);
        _sent.Clear();
        _node.Tick();
        var query = KrpcReader.Read(_sent.Single(sent => KrpcReader.Read(sent.Bytes).Method == KrpcMethod.GetPeers).Bytes);
        NodeContact[] nodes = [new(NodeId.Random(new Random(1)), Local(1)), new(NodeId.Random(new Random(2)), new IPEndPoint(IPAddress.Parse("6.6.6.6"), 7))];
        _sent.Clear();

        _node.Receive(_writer.Answer(query.Transaction, Theirs, Stranger, nodes, [], [Local(2), new IPEndPoint(IPAddress.Parse("6.6.6.7"), 7)]), Stranger);

        found.ShouldBe([new IPEndPoint(IPAddress.Parse("6.6.6.7"), 7)]);
        _sent.Select(sent => sent.To).ShouldBe([new IPEndPoint(IPAddress.Parse("6.6.6.6"), 7)]);
    }

    [Fact]
    public void A_node_that_names_endless_neighbours_does_not_hold_a_search_for_ever()
    {
        _node.TryFollow(Torrent, _ => { });
        Befriend(Stranger, Theirs);
        var random = new Random(3);
        for (var round = 0; round < 100; round++)
        {
            _node.Tick();
            foreach (var (bytes, to) in _sent.ToArray())
            {
                _sent.RemoveAt(0);
                var query = KrpcReader.Read(bytes);
                if (query.Kind != KrpcKind.Query || query.Method != KrpcMethod.GetPeers)
                {
                    continue;
                }

                // Each answer names nodes ever nearer to the torrent.
                var nearer = Enumerable.Range(0, 8).Select(_ => new NodeContact(
                    NodeId.Of(Torrent).Beside(Math.Min(round, 150), random), new IPEndPoint(new IPAddress(random.Next(0x10000000, 0x6fffffff)), 6881)));
                _node.Receive(_writer.Answer(query.Transaction, NodeId.Of(Torrent).Beside(Math.Min(round, 150), random), to, [.. nearer], [], []), to);
            }

            _time.Advance(TimeSpan.FromMilliseconds(500));
        }

        _node.Statistics.Searches.ShouldBe(0);
        _node.Statistics.QueriesSent.ShouldBeLessThan(500);
    }

    [Fact]
    public void Bent_datagrams_never_throw()
    {
        var mutator = new BencodeMutator(9);
        byte[][] seeds =
        [
            _writer.GetPeers("aa"u8, Theirs, Torrent, WantedNodes.V4 | WantedNodes.V6).ToArray(),
            _writer.AnnouncePeer("aa"u8, Theirs, Torrent, 80, new byte[8]).ToArray(),
            _writer.FindNode("aa"u8, Theirs, NodeId.Of(Torrent), WantedNodes.V6).ToArray(),
        ];
        for (var round = 0; round < 20_000; round++)
        {
            _node.Receive(mutator.Mutate(seeds[round % seeds.Length]), new IPEndPoint(new IPAddress([13, 0, (byte)(round >> 8), (byte)round]), 6881));
            if (round % 50 == 0)
            {
                _node.Tick();
                _time.Advance(TimeSpan.FromMilliseconds(500));
                _sent.Clear();
            }
        }

        _node.Statistics.QueriesAnswered.ShouldBeGreaterThan(1000);
    }

    private static IPEndPoint Local(int last) => new(new IPAddress([192, 168, 0, (byte)last]), 6881);

    private void Befriend(IPEndPoint endPoint, NodeId id)
    {
        _node.Meet(endPoint);
        _node.Tick();
        var ping = KrpcReader.Read(_sent[^1].Bytes);
        _node.Receive(_writer.Answer(ping.Transaction, id, endPoint, [], [], []), endPoint);
        // It is asked at once who our neighbours are, and knows none.
        var join = KrpcReader.Read(_sent[^1].Bytes);
        _node.Receive(_writer.Answer(join.Transaction, id, endPoint, [], [], []), endPoint);
    }

    private KrpcMessage Last() => KrpcReader.Read(_sent[^1].Bytes);

    private int Error()
    {
        Last().Kind.ShouldBe(KrpcKind.Error);
        return Last().ErrorCode;
    }
}
