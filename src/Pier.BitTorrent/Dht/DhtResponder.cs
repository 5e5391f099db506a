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
    public void Answer(KrpcMessage query, IPEndPoint from, DhtSide side)
    {
        if (query.Id is null)
        {
            Refuse(query, from, KrpcErrorCode.Protocol, "no id of 20 bytes");
            return;
        }

        switch (query.Method)
        {
            case KrpcMethod.Ping:
                Reply(query, from, side, [], [], []);
                break;
            case KrpcMethod.FindNode when query.Target is { } target:
                Reply(query, from, side, Near(target, query, side), [], []);
                break;
            case KrpcMethod.GetPeers when query.InfoHash is { } infoHash:
                GetPeers(query, from, side, infoHash);
                break;
            case KrpcMethod.AnnouncePeer when query.InfoHash is { } infoHash:
                Announce(query, from, side, infoHash);
                break;
            case KrpcMethod.Unknown:
                Refuse(query, from, KrpcErrorCode.UnknownMethod, "method unknown");
                break;
            default:
                Refuse(query, from, KrpcErrorCode.Protocol, "no target or info_hash of 20 bytes");
                break;
        }
    }

    private void GetPeers(KrpcMessage query, IPEndPoint from, DhtSide side, InfoHash infoHash)
    {
        Span<byte> token = stackalloc byte[TokenJar.Size];
        _tokens.Write(from.Address, token);
        var peers = side.Store.Get(infoHash, side.Family == AddressFamily.InterNetwork ? MaxV4Values : MaxV6Values, random);
        Reply(query, from, side, Near(NodeId.Of(infoHash), query, side), token, peers);
    }

    private void Announce(KrpcMessage query, IPEndPoint from, DhtSide side, InfoHash infoHash)
    {
        var port = query.IsPortImplied ? from.Port : query.Port;
        if (port == 0)
        {
            Refuse(query, from, KrpcErrorCode.Protocol, "no port");
        }
        else if (!_tokens.IsGood(from.Address, query.Token))
        {
            Refuse(query, from, KrpcErrorCode.Protocol, "bad token");
        }
        else
        {
            var peer = new IPEndPoint(from.Address, port);
            side.Store.Add(infoHash, peer);
            Reply(query, from, side, [], [], []);
            announced(infoHash, peer);
        }
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

    private void Reply(
        KrpcMessage query, IPEndPoint from, DhtSide side, IReadOnlyList<NodeContact> nodes, ReadOnlySpan<byte> token, IReadOnlyList<IPEndPoint> values) =>
        sender.Send(writer.Answer(query.Transaction, side.Table.Own, from, nodes, token, values), from);

    private void Refuse(KrpcMessage query, IPEndPoint from, int code, string problem) =>
        sender.Send(writer.Error(query.Transaction, code, problem), from);
}
