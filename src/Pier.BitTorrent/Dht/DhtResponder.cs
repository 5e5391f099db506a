using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Datagrams;
using Pier.BitTorrent.Dht.Krpc;
using Pier.BitTorrent.Dht.Routing;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Dht;

/// <summary>Answers the queries of other nodes (BEP 5, 32). No answer is much longer than 1200 bytes, so that none is cut on its way.</summary>
/// <param name="writer">Writes the answers.</param>
/// <param name="sender">Sends them.</param>
/// <param name="announced">Hears of each peer that is announced here.</param>
/// <param name="time">The clock.</param>
/// <param name="random">Chooses peers.</param>
internal sealed class DhtResponder(KrpcWriter writer, IDatagramSender sender, Action<InfoHash, IPEndPoint> announced, TimeProvider time, Random random)
{
    private const int MaxV4Values = 80;
    private const int MaxV6Values = 30;

    private readonly TokenJar _tokens = new(time);

    /// <summary>Answers a query.</summary>
    /// <returns>Bytes of the answer.</returns>
    public int Answer(KrpcMessage query, IPEndPoint from, DhtSide side) => query switch
    {
        { Id: null } => Refuse(query, from, KrpcErrorCode.Protocol, "no id of 20 bytes"),
        { Method: KrpcMethod.Ping } => Reply(query, from, side, [], [], []),
        { Method: KrpcMethod.FindNode, Target: { } target } => Reply(query, from, side, Near(target, query, side), [], []),
        { Method: KrpcMethod.GetPeers, InfoHash: { } infoHash } => GetPeers(query, from, side, infoHash),
        { Method: KrpcMethod.AnnouncePeer, InfoHash: { } infoHash } => Announce(query, from, side, infoHash),
        { Method: KrpcMethod.Unknown } => Refuse(query, from, KrpcErrorCode.UnknownMethod, "method unknown"),
        _ => Refuse(query, from, KrpcErrorCode.Protocol, "no target or info_hash of 20 bytes"),
    };

    private int GetPeers(KrpcMessage query, IPEndPoint from, DhtSide side, InfoHash infoHash)
    {
        Span<byte> token = stackalloc byte[TokenJar.Size];
        _tokens.Write(from.Address, token);
        var peers = side.Store.Get(infoHash, side.Family == AddressFamily.InterNetwork ? MaxV4Values : MaxV6Values, random);
        return Reply(query, from, side, Near(NodeId.Of(infoHash), query, side), token, peers);
    }

    private int Announce(KrpcMessage query, IPEndPoint from, DhtSide side, InfoHash infoHash)
    {
        var port = query.IsPortImplied ? from.Port : query.Port;
        if (port == 0)
        {
            return Refuse(query, from, KrpcErrorCode.Protocol, "no port");
        }

        if (!_tokens.IsGood(from.Address, query.Token))
        {
            return Refuse(query, from, KrpcErrorCode.Protocol, "bad token");
        }

        var peer = new IPEndPoint(from.Address, port);
        side.Store.Add(infoHash, peer);
        announced(infoHash, peer);
        return Reply(query, from, side, [], [], []);
    }

    private static List<NodeContact> Near(NodeId target, KrpcMessage query, DhtSide side)
    {
        var own = side.Family == AddressFamily.InterNetwork ? WantedNodes.V4 : WantedNodes.V6;
        var want = query.Want == WantedNodes.Unsaid ? own : query.Want;
        List<NodeContact> nodes = [];
        if (want.HasFlag(own))
        {
            nodes.AddRange(side.Table.Closest(target, Bucket.Size));
        }

        if ((want & ~own) != WantedNodes.Unsaid && side.Other is { } other)
        {
            nodes.AddRange(other.Table.Closest(target, Bucket.Size));
        }

        return nodes;
    }

    private int Reply(
        KrpcMessage query, IPEndPoint from, DhtSide side, IReadOnlyList<NodeContact> nodes, ReadOnlySpan<byte> token, IReadOnlyList<IPEndPoint> values) =>
        Send(writer.Answer(query.Transaction, side.Table.Own, from, nodes, token, values), from);

    private int Refuse(KrpcMessage query, IPEndPoint from, int code, string problem) =>
        Send(writer.Error(query.Transaction, code, problem), from);

    private int Send(ReadOnlySpan<byte> answer, IPEndPoint to)
    {
        sender.Send(answer, to);
        return answer.Length;
    }
}
