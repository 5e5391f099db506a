namespace Pier.Content.Contracts;

/// <summary>The doors through which content can leave a node.</summary>
public enum Door
{
    /// <summary>Registry requests from loopback clients.</summary>
    Registry,

    /// <summary>BitTorrent: handshakes, metadata, announces.</summary>
    Swarm,

    /// <summary>Web seeds: blobs by name alone, for BitTorrent clients (BEP 19).</summary>
    WebSeed,

    /// <summary>The node port, between members.</summary>
    NodePort,
}
