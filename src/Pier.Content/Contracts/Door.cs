namespace Pier.Content.Contracts;

/// <summary>The doors through which content can leave a node.</summary>
public enum Door
{
    /// <summary>Registry requests from loopback clients, and from users that the node's rules know.</summary>
    Registry,

    /// <summary>Registry requests from other hosts whose clients are not known here by name.</summary>
    RemoteRegistry,

    /// <summary>BitTorrent: handshakes, metadata, announces.</summary>
    Swarm,

    /// <summary>Web seeds: blobs by name alone, for BitTorrent clients (BEP 19).</summary>
    WebSeed,

    /// <summary>The node port, between members.</summary>
    NodePort,
}
