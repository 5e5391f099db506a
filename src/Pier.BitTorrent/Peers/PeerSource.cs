namespace Pier.BitTorrent.Peers;

/// <summary>How a peer's address was learned.</summary>
public enum PeerSource
{
    /// <summary>Whoever added the torrent named it: a magnet link, a member of the cluster.</summary>
    Told,

    /// <summary>A tracker.</summary>
    Tracker,

    /// <summary>The DHT (BEP 5).</summary>
    Dht,

    /// <summary>Another peer (BEP 11).</summary>
    Exchange,

    /// <summary>The local network (BEP 14).</summary>
    Local,

    /// <summary>It connected to us.</summary>
    Incoming,

    /// <summary>The torrent or magnet link names it as a web seed (BEP 17, 19).</summary>
    WebSeed,
}
