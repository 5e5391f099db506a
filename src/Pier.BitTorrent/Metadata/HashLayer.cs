using System.Numerics;
using Pier.BitTorrent.Hashing;

namespace Pier.BitTorrent.Metadata;

/// <summary>A piece layer padded to a power of two, and the tree above it (BEP 52).</summary>
/// <param name="nodes">The layer without padding.</param>
/// <param name="layerHeight">Levels between the blocks and the layer.</param>
internal readonly ref struct HashLayer(ReadOnlySpan<byte> nodes, int layerHeight)
{
    private readonly ReadOnlySpan<byte> _nodes = nodes;

    /// <summary>Nodes without padding.</summary>
    public int Count => _nodes.Length / MerkleTree.HashSize;

    /// <summary>Nodes with padding.</summary>
    public int PaddedCount => (int)BitOperations.RoundUpToPowerOf2((uint)Count);

    /// <summary>Levels from the layer to the root.</summary>
    public int Height => MerkleTree.HeightOver(PaddedCount);

    /// <summary>Computes a node.</summary>
    /// <param name="level">Levels above the layer.</param>
    /// <param name="index">Number of the node in its level.</param>
    /// <param name="node">Receives <see cref="MerkleTree.HashSize"/> bytes.</param>
    public void Node(int level, int index, Span<byte> node)
    {
        var first = (long)index << level;
        if (first >= Count)
        {
            MerkleTree.Padding(layerHeight + level).CopyTo(node);
            return;
        }

        var fold = new MerkleFold(layerHeight);
        var end = Math.Min(Count, first + (1L << level));
        for (var position = (int)first; position < end; position++)
        {
            fold.Add(_nodes.Slice(position * MerkleTree.HashSize, MerkleTree.HashSize));
        }

        fold.Root(level, node);
    }
}
