using System.Net;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Dht.Krpc;

/// <summary>One message as it came (BEP 5, 32, 42, 43); what the sender left out is null or empty.</summary>
internal sealed record KrpcMessage
{
    /// <summary>What it is.</summary>
    public KrpcKind Kind { get; set; }

    /// <summary>The asker's name for the exchange.</summary>
    public byte[] Transaction { get; set; } = [];

    /// <summary>What a query asks.</summary>
    public KrpcMethod Method { get; set; }

    /// <summary>The sender.</summary>
    public NodeId? Id { get; set; }

    /// <summary>The id that find_node is about.</summary>
    public NodeId? Target { get; set; }

    /// <summary>The torrent that get_peers and announce_peer are about.</summary>
    public InfoHash? InfoHash { get; set; }

    /// <summary>The announced TCP port; 0 when there is none.</summary>
    public int Port { get; set; }

    /// <summary>The announced port is the one that the datagram came from.</summary>
    public bool IsPortImplied { get; set; }

    /// <summary>The right to announce; empty when there is none.</summary>
    public byte[] Token { get; set; } = [];

    /// <summary>Of which families nodes are wanted.</summary>
    public WantedNodes Want { get; set; }

    /// <summary>Nodes of both families.</summary>
    public List<NodeContact> Nodes { get; } = [];

    /// <summary>Peers of the torrent.</summary>
    public List<IPEndPoint> Values { get; } = [];

    /// <summary>The sender answers no queries (BEP 43).</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>Where the sender sees us (BEP 42).</summary>
    public IPEndPoint? SeenAt { get; set; }

    /// <summary>The code of an error; 0 when none is said.</summary>
    public int ErrorCode { get; set; }
}
