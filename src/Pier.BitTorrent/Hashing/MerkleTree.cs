using System.Numerics;
using System.Security.Cryptography;

namespace Pier.BitTorrent.Hashing;

/// <summary>The binary SHA-256 hash tree of BEP 52: its constants and what its padding hashes to.</summary>
public static class MerkleTree
{
    /// <summary>Bytes that a leaf covers.</summary>
    public const int BlockSize = 16 * 1024;

    /// <summary>Bytes of a node.</summary>
    public const int HashSize = SHA256.HashSizeInBytes;

    /// <summary>Levels that a tree can have: 2^48 leaves cover every 62-bit length.</summary>
    public const int MaxHeight = 48;

    private static readonly byte[] Paddings = ComputePaddings();

    /// <summary>Root of a subtree of padding: the leaves that stand for no data are 32 zero bytes.</summary>
    /// <param name="height">Levels above the leaves, 0 to <see cref="MaxHeight"/>.</param>
    public static ReadOnlySpan<byte> Padding(int height) => Paddings.AsSpan(height * HashSize, HashSize);

    /// <summary>Levels above <paramref name="nodes"/> nodes until one is left.</summary>
    public static int HeightOver(long nodes) => nodes <= 1 ? 0 : BitOperations.Log2((ulong)(nodes - 1)) + 1;

    /// <summary>Levels between the block hashes and the piece layer.</summary>
    /// <param name="pieceLength">A power of two of at least <see cref="BlockSize"/>, in bytes.</param>
    public static int PieceLayerHeight(int pieceLength) => BitOperations.Log2((uint)(pieceLength / BlockSize));

    /// <summary>The parent of two nodes. <paramref name="parent"/> may overlap either child.</summary>
    public static void Combine(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> parent)
    {
        Span<byte> pair = stackalloc byte[2 * HashSize];
        left.CopyTo(pair);
        right.CopyTo(pair[HashSize..]);
        SHA256.HashData(pair, parent);
    }

    /// <summary>Root over the nodes of one layer, padded on the right to the next power of two.</summary>
    /// <param name="layer">Nodes of <see cref="HashSize"/> bytes each, at least one.</param>
    /// <param name="layerHeight">Levels between the block hashes and this layer, which decides what pads it.</param>
    /// <param name="root">Receives <see cref="HashSize"/> bytes.</param>
    public static void RootOver(ReadOnlySpan<byte> layer, int layerHeight, Span<byte> root)
    {
        var fold = new MerkleFold(layerHeight);
        for (; !layer.IsEmpty; layer = layer[HashSize..])
        {
            fold.Add(layer[..HashSize]);
        }

        fold.Root(0, root);
    }

    private static byte[] ComputePaddings()
    {
        var paddings = new byte[(MaxHeight + 1) * HashSize];
        for (var height = 1; height <= MaxHeight; height++)
        {
            var below = paddings.AsSpan((height - 1) * HashSize, HashSize);
            Combine(below, below, paddings.AsSpan(height * HashSize, HashSize));
        }

        return paddings;
    }
}
