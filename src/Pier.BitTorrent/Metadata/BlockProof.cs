using System.Numerics;
using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Metadata;

/// <summary>
/// Hashes of 16 KiB blocks, proved by a piece's own hash or, while its file's layer is unknown, by uncles up to the file's root
/// (BEP 52): whoever sends them cannot lie.
/// </summary>
internal static class BlockProof
{
    /// <summary>What to ask for to learn the hashes of some blocks; null when the piece is one block, whose hash is the piece's.</summary>
    /// <param name="metainfo">The torrent, which must have a tree for the piece.</param>
    /// <param name="piece">Index of the piece.</param>
    /// <param name="first">First block within the piece; the request is aligned to its own length.</param>
    /// <param name="count">Blocks, rounded up to a power of two; more than the piece has asks for all of it.</param>
    public static HashRequest? RequestFor(Metainfo metainfo, int piece, int first = 0, int count = int.MaxValue)
    {
        var tree = BlockTree.Of(metainfo, piece);
        if (tree.Height == 0)
        {
            return null;
        }

        var level = Math.Clamp(MerkleTree.HeightOver(Math.Min(count, 1 << tree.Height)), 1, tree.Height);
        var top = TopOf(metainfo, piece, tree);
        return new HashRequest(
            metainfo.Files[tree.File].PiecesRoot!.Value,
            BaseLayer: 0,
            tree.FirstLeaf + (first >> level << level),
            1 << level,
            // The layers below the top that the nodes asked for do not make themselves are proved by an uncle each.
            top == level ? 0 : top - 1);
    }

    /// <summary>Whether an answer's nodes are what the torrent says.</summary>
    /// <param name="metainfo">The torrent.</param>
    /// <param name="piece">The piece that was asked for.</param>
    /// <param name="request">The request.</param>
    /// <param name="nodes">The blocks' hashes, then the uncles.</param>
    public static bool Proves(Metainfo metainfo, int piece, HashRequest request, ReadOnlySpan<byte> nodes)
    {
        var tree = BlockTree.Of(metainfo, piece);
        var level = BitOperations.Log2((uint)request.Length);
        var uncles = TopOf(metainfo, piece, tree) - level;
        if (nodes.Length != (request.Length + uncles) * MerkleTree.HashSize)
        {
            return false;
        }

        Span<byte> node = stackalloc byte[MerkleTree.HashSize];
        MerkleTree.RootOver(nodes[..(request.Length * MerkleTree.HashSize)], layerHeight: 0, node);
        for (var uncle = 0; uncle < uncles; uncle++)
        {
            var sibling = nodes.Slice((request.Length + uncle) * MerkleTree.HashSize, MerkleTree.HashSize);
            if (((request.Index >> (level + uncle)) & 1) == 0)
            {
                MerkleTree.Combine(node, sibling, node);
            }
            else
            {
                MerkleTree.Combine(sibling, node, node);
            }
        }

        Span<byte> expected = stackalloc byte[MerkleTree.HashSize];
        if (!metainfo.TryGetV2PieceHash(piece, expected))
        {
            request.Root.CopyTo(expected);
        }

        return node.SequenceEqual(expected);
    }

    private static int TopOf(Metainfo metainfo, int piece, BlockTree tree)
    {
        Span<byte> ignored = stackalloc byte[MerkleTree.HashSize];
        return metainfo.TryGetV2PieceHash(piece, ignored) ? tree.Height : tree.FileHeight;
    }
}
