using Pier.Content.Contracts;
using Pier.Store.Partial;

namespace Pier.Fetch.Status;

/// <summary>Bytes by where they came from.</summary>
/// <param name="Cache">Already in this node's store.</param>
/// <param name="Swarm">From BitTorrent peers.</param>
/// <param name="Members">From members over the node port.</param>
/// <param name="Ipfs">From IPFS peers.</param>
/// <param name="Upstream">From the registry that the image names.</param>
public sealed record SourceBytes(long Cache, long Swarm, long Members, long Ipfs, long Upstream)
{
    /// <summary>No bytes from anywhere.</summary>
    public static SourceBytes None { get; } = new(0, 0, 0, 0, 0);

    /// <summary>Sum over all sources.</summary>
    public long Total => Cache + Swarm + Members + Ipfs + Upstream;

    /// <summary>Those that gave any, most first: <c>swarm, upstream</c>; empty while none has.</summary>
    public string Names => string.Join(", ", new (string Name, long Bytes)[]
        {
            ("cache", Cache), ("swarm", Swarm), ("members", Members), ("ipfs", Ipfs), ("upstream", Upstream),
        }.Where(source => source.Bytes > 0).OrderByDescending(source => source.Bytes).Select(source => source.Name));

    /// <summary>Adds source by source.</summary>
    public SourceBytes Add(SourceBytes other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new(Cache + other.Cache, Swarm + other.Swarm, Members + other.Members, Ipfs + other.Ipfs, Upstream + other.Upstream);
    }

    /// <summary>What a partial blob consists of.</summary>
    internal static SourceBytes Of(PartialBlob blob) => new(
        blob.BytesFrom(SourceKind.Cache),
        blob.BytesFrom(SourceKind.Swarm),
        blob.BytesFrom(SourceKind.Member),
        blob.BytesFrom(SourceKind.Ipfs),
        blob.BytesFrom(SourceKind.Upstream));
}
