namespace Pier.Content.Contracts;

/// <summary>Where bytes came from, as <c>pier status</c> tells it.</summary>
public enum SourceKind
{
    /// <summary>This node's own store.</summary>
    Cache,

    /// <summary>BitTorrent peers.</summary>
    Swarm,

    /// <summary>A member of the cluster over the node port.</summary>
    Member,

    /// <summary>IPFS peers.</summary>
    Ipfs,

    /// <summary>The registry that the image names.</summary>
    Upstream,
}
