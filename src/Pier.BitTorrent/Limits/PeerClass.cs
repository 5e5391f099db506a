namespace Pier.BitTorrent.Limits;

/// <summary>How near a peer is; what is near is rarely worth limiting, what is far often is.</summary>
public enum PeerClass
{
    /// <summary>This host.</summary>
    SameHost,

    /// <summary>A member of our cluster, wherever it is.</summary>
    Cluster,

    /// <summary>A network that this host has an address in.</summary>
    SameSubnet,

    /// <summary>Everybody else.</summary>
    World,
}
