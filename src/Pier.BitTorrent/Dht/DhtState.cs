namespace Pier.BitTorrent.Dht;

/// <summary>What a node keeps between runs.</summary>
/// <param name="V4">Its id among IPv4 nodes; null for a new one.</param>
/// <param name="V6">Its id among IPv6 nodes; null for a new one.</param>
/// <param name="Nodes">Nodes of both families that answered lately.</param>
internal sealed record DhtState(NodeId? V4, NodeId? V6, IReadOnlyList<NodeContact> Nodes)
{
    /// <summary>Of a node that has never run.</summary>
    public static DhtState Empty { get; } = new(null, null, []);
}
