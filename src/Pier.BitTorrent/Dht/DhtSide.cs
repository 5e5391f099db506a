using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Dht.Krpc;
using Pier.BitTorrent.Dht.Lookups;
using Pier.BitTorrent.Dht.Routing;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Dht;

/// <summary>
/// One of the two DHTs that a node is in, IPv4 or IPv6 (BEP 32): id, routing table and stored peers of its own. The family that is
/// short of nodes asks the other's for some.
/// </summary>
internal sealed class DhtSide : ILookupDriver
{
    // Strangers to ping: a bound on what others can make us send.
    private const int MaxWaitingPings = 256;
    private const int PingsPerTick = 16;
    private const int FewNodes = 16;
    private const int FarPoints = 3;

    // Who came at the same time as we did is found by the second.
    private const int Joins = 2;
    private static readonly TimeSpan FirstJoinPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestJoinPause = TimeSpan.FromMinutes(15);

    private readonly QueryClient _client;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ExternalAddress _external = new();
    private readonly Queue<(IPEndPoint EndPoint, NodeId? Id)> _pings = new();
    private readonly HashSet<IPEndPoint> _pinging = [];
    private bool _isJoining;
    private int _joinsToDo = Joins;
    private long _joinedAt;
    private TimeSpan _joinPause = FirstJoinPause;

    public DhtSide(AddressFamily family, NodeId? id, QueryClient client, DhtOptions options, TimeProvider time, Random random)
    {
        Family = family;
        _client = client;
        _time = time;
        _random = random;
        Table = new RoutingTable(id ?? NodeId.Random(random), time);
        Store = new PeerStore(options.MaxStoredPeers, options.MaxStoredAnnounces, time);
    }

    /// <summary>Which family.</summary>
    public AddressFamily Family { get; }

    /// <summary>The nodes it knows.</summary>
    public RoutingTable Table { get; private set; }

    /// <summary>The peers that others announced.</summary>
    public PeerStore Store { get; }

    /// <summary>The other family's; set once both are there.</summary>
    public DhtSide? Other { get; set; }

    /// <summary>Our address as the world sees it; null while unknown.</summary>
    public IPAddress? ExternalAddress => _external.Current;

    private WantedNodes Want => Other is { Table.Count: < FewNodes } ? WantedNodes.V4 | WantedNodes.V6 : WantedNodes.Unsaid;

    /// <summary>Looks for the nodes near a point, or for the peers of a torrent.</summary>
    public void Start(Lookup lookup) => lookup.Start(Table.ToAsk(lookup.Target, Bucket.Size * 2));

    /// <summary>A lookup on this side.</summary>
    public Lookup NewLookup(InfoHash infoHash, Action<IReadOnlyList<IPEndPoint>> found, Action<Lookup> ended) =>
        new(NodeId.Of(infoHash), Family, this) { InfoHash = infoHash, Found = found, Ended = ended };

    /// <summary>Pings a node soon; what answers gets into the table.</summary>
    public void PingSoon(IPEndPoint endPoint, NodeId? id)
    {
        if (_pings.Count < MaxWaitingPings && _pinging.Add(endPoint))
        {
            _pings.Enqueue((endPoint, id));
        }
    }

    /// <summary>A node answered a query.</summary>
    /// <param name="node">The node.</param>
    /// <param name="seenAt">Where it sees us.</param>
    public void Answered(NodeContact node, IPEndPoint? seenAt)
    {
        var wasEmpty = Table.Count == 0;
        if (Table.Answered(node) is { } questionable)
        {
            PingSoon(questionable.EndPoint, questionable.Id);
        }

        if (seenAt?.AddressFamily == Family && _external.Vote(node.EndPoint.Address, seenAt.Address))
        {
            MoveTo(seenAt.Address);
        }

        if (wasEmpty && Table.Count > 0)
        {
            _joinPause = FirstJoinPause;
            Join();
        }
    }

    /// <summary>A node asked something.</summary>
    public void Heard(NodeContact node)
    {
        if (Table.Heard(node))
        {
            PingSoon(node.EndPoint, node.Id);
        }
    }

    /// <summary>Twice a second or so: pings who waits, refreshes neighbourhoods that have grown old, forgets old peers.</summary>
    public void Tick()
    {
        for (var i = 0; i < PingsPerTick && _pings.TryDequeue(out var next); i++)
        {
            _pinging.Remove(next.EndPoint);
            _client.Ping(Table.Own, next.EndPoint, next.Id);
        }

        Store.Expire();
        if (Table.Count > 0 && (Table.Count < Bucket.Size || _joinsToDo > 0) && !_isJoining && _time.GetElapsedTime(_joinedAt) >= _joinPause)
        {
            // Questions were lost on the way, or there are not more of us: the longer it stays so, the less often it is tried.
            _joinPause = _joinPause * 2 < LongestJoinPause ? _joinPause * 2 : LongestJoinPause;
            Join();
        }

        if (Table.Count > 0)
        {
            foreach (var point in Table.StalePoints(_random).ToArray())
            {
                Start(new Lookup(point, Family, this));
            }
        }
    }

    /// <inheritdoc/>
    bool ILookupDriver.Ask(Lookup lookup, NodeContact node) => lookup.InfoHash is { } infoHash
        ? _client.GetPeers(Table.Own, node, infoHash, Want, lookup)
        : _client.FindNode(Table.Own, node, lookup.Target, Want, lookup);

    /// <inheritdoc/>
    void ILookupDriver.OthersTold(IPEndPoint teller, NodeContact node)
    {
        if (Other is { } other && other.Table.Count < FewNodes && AddressScopes.Of(node.EndPoint.Address) == AddressScope.World)
        {
            other.PingSoon(node.EndPoint, node.Id);
        }
    }

    /// <summary>Makes ourselves known to our neighbours (BEP 5).</summary>
    private void Join()
    {
        if (!_isJoining)
        {
            _isJoining = true;
            Start(new Lookup(Table.Own, Family, this) { Ended = Joined });
        }
    }

    /// <summary>Our neighbours are known; now some who are far, from whom every other search sets out.</summary>
    private void Joined(Lookup lookup)
    {
        _isJoining = false;
        if (lookup.Target != Table.Own)
        {
            // We have learned our address meanwhile, and live elsewhere now.
            Join();
            return;
        }

        _joinedAt = _time.GetTimestamp();
        _joinsToDo -= lookup.AnswerCount >= Bucket.Size ? 1 : 0;
        for (var shared = 0; lookup.AnswerCount > 0 && shared < Math.Max(FarPoints, Table.Depth); shared++)
        {
            Start(new Lookup(Table.Own.Beside(shared, _random), Family, this));
        }
    }

    private void MoveTo(IPAddress address)
    {
        if (SecureNodeId.IsValid(Table.Own, address))
        {
            return;
        }

        _joinsToDo = Joins;
        var before = Table;
        Table = new RoutingTable(SecureNodeId.Create(address, _random), _time);
        foreach (var entry in before.Entries)
        {
            Table.Answered(entry.Contact);
        }

        Join();
    }
}
