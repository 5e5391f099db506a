namespace Pier.Api.Nodes;

/// <summary>Bytes by where they came from.</summary>
/// <param name="Cache">Already in this node's store.</param>
/// <param name="Swarm">From BitTorrent peers.</param>
/// <param name="Members">From members of the cluster over the node port.</param>
/// <param name="Ipfs">From IPFS peers.</param>
/// <param name="Upstream">From the registry that the image names.</param>
public sealed record SourceBytes(long Cache, long Swarm, long Members, long Ipfs, long Upstream)
{
    /// <summary>No bytes from anywhere.</summary>
    public static SourceBytes None { get; } = new(0, 0, 0, 0, 0);

    /// <summary>From other hosts that hold a copy: swarm and members.</summary>
    public long Peers => Swarm + Members;

    /// <summary>Sum over all sources.</summary>
    public long Total => Cache + Swarm + Members + Ipfs + Upstream;

    /// <summary>Adds source by source.</summary>
    public static SourceBytes operator +(SourceBytes left, SourceBytes right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new(left.Cache + right.Cache, left.Swarm + right.Swarm, left.Members + right.Members, left.Ipfs + right.Ipfs, left.Upstream + right.Upstream);
    }

    /// <summary>The sum; the named form of the operator.</summary>
    public SourceBytes Add(SourceBytes other) => this + other;
}
