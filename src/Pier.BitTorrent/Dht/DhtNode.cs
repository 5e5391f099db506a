using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Datagrams;
using Pier.BitTorrent.Dht.Krpc;
using Pier.BitTorrent.Dht.Routing;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Dht;

/// <summary>
/// A node of the mainline DHT (BEP 5, 32, 42, 43) without socket and timer: datagrams come in by <see cref="Receive"/>, time passes
/// by <see cref="Tick"/>, and what it has to say goes to its sender. Not thread-safe.
/// </summary>
internal sealed class DhtNode
{
    private const int MaxSavedNodes = 200;

    private readonly DhtOptions _options;
    private readonly QueryTable _queries;
    private readonly QueryClient _client;
    private readonly DhtResponder _responder;
    private readonly SourceLimiter _limiter;
    private readonly DhtSide _v4;
    private readonly DhtSide _v6;
    private readonly Searches _searches;
    private long _answered;
    private long _dropped;

    /// <param name="options">Settings.</param>
    /// <param name="before">What the last run left.</param>
    /// <param name="sender">Sends datagrams.</param>
    /// <param name="port">The TCP port where peers reach us; 0 for none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Chance, for everything that is not secret.</param>
    public DhtNode(DhtOptions options, DhtState before, IDatagramSender sender, Func<int> port, TimeProvider time, Random random)
    {
        _options = options;
        _queries = new QueryTable(time);
        var writer = new KrpcWriter(options.IsReadOnly);
        _client = new QueryClient(_queries, writer, sender);
        _limiter = new SourceLimiter(options.MaxDatagramRate, options.MaxQueryRate, options.MaxAnswerRate, time);
        _v4 = new DhtSide(AddressFamily.InterNetwork, before.V4, _client, options, time, random);
        _v6 = new DhtSide(AddressFamily.InterNetworkV6, before.V6, _client, options, time, random) { Other = _v4 };
        _v4.Other = _v6;
        _searches = new Searches(options, [_v4, _v6], _client, port, time, random);
        _responder = new DhtResponder(writer, sender, _searches.Announced, time, random);
        foreach (var node in before.Nodes)
        {
            SideOf(node.EndPoint).PingSoon(node.EndPoint, node.Id);
        }
    }

    /// <summary>Whether so few nodes are known that they may be an island: someone has to tell of others.</summary>
    public bool NeedsNodes => _v4.Table.Count + _v6.Table.Count < Bucket.Size;

    /// <summary>Its numbers.</summary>
    public DhtStatistics Statistics => new()
    {
        Nodes = _v4.Table.Count + _v6.Table.Count,
        StoredTorrents = _v4.Store.TorrentCount + _v6.Store.TorrentCount,
        StoredPeers = _v4.Store.PeerCount + _v6.Store.PeerCount,
        Followed = _searches.Count,
        Searches = _searches.Running,
        QueriesSent = _client.Sent,
        QueriesAnswered = _answered,
        Dropped = _dropped,
        ExternalAddress = _v4.ExternalAddress,
    };

    /// <summary>What the next run should begin with.</summary>
    public DhtState State => new(
        _v4.Table.Own,
        _v6.Table.Own,
        [.. Best(_v4), .. Best(_v6)]);

    /// <summary>A datagram came.</summary>
    public void Receive(ReadOnlySpan<byte> datagram, IPEndPoint from)
    {
        // However others flood us, those whom we have asked are heard.
        if ((!_queries.Awaits(from) && !_limiter.TryRead()) || TryRead(datagram) is not { } message)
        {
            _dropped++;
        }
        else if (message.Kind == KrpcKind.Query)
        {
            Query(message, from);
        }
        else if (_queries.Take(message, from) is { } query)
        {
            Answer(query, message, from);
        }
        else
        {
            _dropped++;
        }
    }

    /// <summary>Time has passed; call it about twice a second.</summary>
    public void Tick()
    {
        var (lost, late) = _queries.Expire();
        foreach (var query in lost)
        {
            if (query.Expected is { } id)
            {
                SideOf(query.To).Table.Failed(new NodeContact(id, query.To));
            }

            query.Owner?.Failed(query);
        }

        foreach (var query in late)
        {
            query.Owner?.IsLate(query);
        }

        _v4.Tick();
        _v6.Tick();
        _searches.Tick();
    }

    /// <summary>There may be a node at this address: a bootstrap node, or a peer that told its port (BEP 5).</summary>
    public void Meet(IPEndPoint endPoint) => SideOf(endPoint).PingSoon(endPoint, id: null);

    /// <summary>Announces a torrent and looks for its peers from now on; null when too many are followed.</summary>
    /// <param name="infoHash">Its name.</param>
    /// <param name="found">Takes peers as they are found; must not wait.</param>
    public Followed? TryFollow(InfoHash infoHash, Action<IReadOnlyList<IPEndPoint>> found) => _searches.TryFollow(infoHash, found);

    /// <summary>Peers are wanted sooner.</summary>
    public void Hurry(Followed followed) => _searches.Hurry(followed);

    /// <summary>Ends that.</summary>
    public void Drop(Followed followed) => _searches.Drop(followed);

    private static IEnumerable<NodeContact> Best(DhtSide side) =>
        side.Table.Entries.Where(entry => !entry.IsBad).OrderByDescending(entry => entry.LastSeen).Take(MaxSavedNodes).Select(entry => entry.Contact);

    private static KrpcMessage? TryRead(ReadOnlySpan<byte> datagram)
    {
        try
        {
            return KrpcReader.Read(datagram);
        }
        catch (KrpcException)
        {
            // Counted by the caller; there is nobody worth telling.
            return null;
        }
    }

    private void Query(KrpcMessage query, IPEndPoint from)
    {
        if (_options.IsReadOnly || query.Transaction.Length == 0 || !_limiter.TryAnswer(from.Address))
        {
            _dropped++;
            return;
        }

        _answered++;
        var side = SideOf(from);
        _limiter.Answered(_responder.Answer(query, from, side));
        // Who answers nobody is no use in a routing table (BEP 43).
        if (query is { IsReadOnly: false, Id: { } id })
        {
            side.Heard(new NodeContact(id, from));
        }
    }

    private void Answer(PendingQuery query, KrpcMessage message, IPEndPoint from)
    {
        if (message is not { Kind: KrpcKind.Answer, Id: { } id })
        {
            query.Owner?.Failed(query);
            return;
        }

        var node = new NodeContact(id, from);
        SideOf(from).Answered(node, message.SeenAt);
        query.Owner?.Answered(query, node, message);
    }

    private DhtSide SideOf(IPEndPoint endPoint) => endPoint.AddressFamily == AddressFamily.InterNetwork ? _v4 : _v6;
}
