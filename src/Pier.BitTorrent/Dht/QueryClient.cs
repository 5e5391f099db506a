using System.Net;
using Pier.BitTorrent.Datagrams;
using Pier.BitTorrent.Dht.Krpc;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Dht;

/// <summary>Asks other nodes. One for both address families, since they share the transaction ids.</summary>
internal sealed class QueryClient(QueryTable table, KrpcWriter writer, IDatagramSender sender)
{
    /// <summary>Queries that were sent.</summary>
    public long Sent { get; private set; }

    /// <summary>ping.</summary>
    public void Ping(NodeId own, IPEndPoint to, NodeId? expected) =>
        Send(to, expected, owner: null, own, static (writer, own, transaction, _) => writer.Ping(transaction, own), 0);

    /// <summary>find_node; false when it cannot be asked.</summary>
    public bool FindNode(NodeId own, NodeContact to, NodeId target, WantedNodes want, IQueryOwner owner) =>
        Send(to.EndPoint, to.Id, owner, own, static (writer, own, transaction, what) => writer.FindNode(transaction, own, what.target, what.want), (target, want));

    /// <summary>get_peers; false when it cannot be asked.</summary>
    public bool GetPeers(NodeId own, NodeContact to, InfoHash infoHash, WantedNodes want, IQueryOwner owner) =>
        Send(to.EndPoint, to.Id, owner, own, static (writer, own, transaction, what) => writer.GetPeers(transaction, own, what.infoHash, what.want), (infoHash, want));

    /// <summary>announce_peer.</summary>
    public void AnnouncePeer(NodeId own, NodeContact to, InfoHash infoHash, int port, byte[] token) =>
        Send(
            to.EndPoint, to.Id, owner: null, own, static (writer, own, transaction, what) => writer.AnnouncePeer(transaction, own, what.infoHash, what.port, what.token), (infoHash, port, token));

    private delegate ReadOnlySpan<byte> Write<in TWhat>(KrpcWriter writer, NodeId own, ReadOnlySpan<byte> transaction, TWhat what);

    private bool Send<TWhat>(IPEndPoint to, NodeId? expected, IQueryOwner? owner, NodeId own, Write<TWhat> write, TWhat what)
    {
        Span<byte> transaction = stackalloc byte[QueryTable.TransactionSize];
        if (table.TryAdd(to, expected, owner, transaction) is not { } query)
        {
            return false;
        }

        if (!sender.Send(write(writer, own, transaction, what), to))
        {
            table.Remove(query);
            return false;
        }

        Sent++;
        return true;
    }
}
