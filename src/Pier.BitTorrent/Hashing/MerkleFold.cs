using System.Numerics;

namespace Pier.BitTorrent.Hashing;

/// <summary>
/// Folds the nodes of one layer into their root as they come, left to right, keeping one node per level (BEP 52). Reusable,
/// and free of allocation after construction.
/// </summary>
/// <param name="layerHeight">Levels between the block hashes and the layer that is added, which decides what pads it.</param>
public sealed class MerkleFold(int layerHeight)
{
    private readonly byte[] _waiting = new byte[(MerkleTree.MaxHeight + 1) * MerkleTree.HashSize];

    /// <summary>Nodes added since construction or <see cref="Reset"/>.</summary>
    public long Count { get; private set; }

    /// <summary>Forgets all nodes.</summary>
    public void Reset() => Count = 0;

    /// <summary>Adds the next node of the layer.</summary>
    /// <param name="node"><see cref="MerkleTree.HashSize"/> bytes.</param>
    public void Add(ReadOnlySpan<byte> node)
    {
        Span<byte> carry = stackalloc byte[MerkleTree.HashSize];
        node.CopyTo(carry);
        var level = 0;
        for (; IsWaiting(level); level++)
        {
            MerkleTree.Combine(Waiting(level), carry, carry);
        }

        carry.CopyTo(Waiting(level));
        Count++;
    }

    /// <summary>
    /// The root over all nodes, padded on the right to the next power of two, or to 2^<paramref name="minHeight"/> nodes when
    /// that is more. Does not change the fold. No nodes at all give the hash of padding alone.
    /// </summary>
    public void Root(int minHeight, Span<byte> root)
    {
        var height = Math.Max(minHeight, MerkleTree.HeightOver(Count));
        if (IsWaiting(height))
        {
            Waiting(height).CopyTo(root);
            return;
        }

        // Below the lowest waiting node there is nothing but padding, whose hashes are known.
        var level = Math.Min(height, BitOperations.TrailingZeroCount(Count));
        Span<byte> tail = stackalloc byte[MerkleTree.HashSize];
        MerkleTree.Padding(layerHeight + level).CopyTo(tail);
        for (; level < height; level++)
        {
            if (IsWaiting(level))
            {
                MerkleTree.Combine(Waiting(level), tail, tail);
            }
            else
            {
                MerkleTree.Combine(tail, MerkleTree.Padding(layerHeight + level), tail);
            }
        }

        tail.CopyTo(root);
    }

    private bool IsWaiting(int level) => ((Count >> level) & 1) != 0;

    private Span<byte> Waiting(int level) => _waiting.AsSpan(level * MerkleTree.HashSize, MerkleTree.HashSize);
}
