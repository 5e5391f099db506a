namespace Pier.BitTorrent.Discovery;

/// <summary>In which ways, besides trackers, a torrent may be told to others and its peers be looked for. Private torrents use none (BEP 27).</summary>
[Flags]
public enum PeerDiscovery
{
    /// <summary>Trackers and known addresses only.</summary>
    None = 0,

    /// <summary>The distributed hash table (BEP 5), where the engine has one.</summary>
    Dht = 1,

    /// <summary>Multicast in the local network (BEP 14), where the engine does so.</summary>
    Lsd = 2,

    /// <summary>Peers tell each other of peers (BEP 11).</summary>
    Pex = 4,

    /// <summary>All of them: for torrents that anybody may know of.</summary>
    All = Dht | Lsd | Pex,
}
