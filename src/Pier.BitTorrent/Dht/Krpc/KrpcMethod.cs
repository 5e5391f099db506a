namespace Pier.BitTorrent.Dht.Krpc;

/// <summary>What a query asks (BEP 5, key <c>q</c>).</summary>
internal enum KrpcMethod
{
    /// <summary>A method that is not known here.</summary>
    Unknown,

    /// <summary>Are you there?</summary>
    Ping,

    /// <summary>Which nodes are near this id?</summary>
    FindNode,

    /// <summary>Which peers has this torrent, and which nodes are near it?</summary>
    GetPeers,

    /// <summary>I am a peer of this torrent.</summary>
    AnnouncePeer,
}
