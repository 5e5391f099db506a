using System.Security.Cryptography;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Hashing;

/// <summary>Where a piece's 16 KiB blocks lie in the hash tree of its file (BEP 52).</summary>
/// <param name="FirstLeaf">Number of the piece's first block among the file's.</param>
/// <param name="Height">Levels from the blocks to the node that stands for the piece: less in a file shorter than one.</param>
/// <param name="FileHeight">Levels from the blocks to the file's root.</param>
/// <param name="Content">Bytes of the piece that are the file's; what follows is padding, which the tree leaves out.</param>
/// <param name="File">Index of the file.</param>
internal readonly record struct BlockTree(int FirstLeaf, int Height, int FileHeight, int Content, int File)
{
    /// <summary>Blocks of the piece that the tree covers.</summary>
    public int Blocks => (Content + MerkleTree.BlockSize - 1) / MerkleTree.BlockSize;

    /// <summary>The tree of a piece of a v2 or hybrid torrent.</summary>
    public static BlockTree Of(Metainfo metainfo, int piece)
    {
        var offset = metainfo.Layout.PieceOffset(piece);
        var index = metainfo.Layout.FileAt(offset);
        var file = metainfo.Files[index];
        var blocks = (file.Length + MerkleTree.BlockSize - 1) / MerkleTree.BlockSize;
        var fileHeight = MerkleTree.HeightOver(blocks);
        return new BlockTree(
            (int)((offset - file.Offset) / MerkleTree.BlockSize),
            Math.Min(MerkleTree.PieceLayerHeight(metainfo.PieceLength), fileHeight),
            fileHeight,
            (int)Math.Min(metainfo.Layout.PieceSize(piece), file.End - offset),
            index);
    }

    /// <summary>Whether a piece has a tree at all: v1 torrents have none, nor has padding.</summary>
    public static bool Covers(Metainfo metainfo, int piece) =>
        metainfo.HasV2 && metainfo.Files[metainfo.Layout.FileAt(metainfo.Layout.PieceOffset(piece))].PiecesRoot is not null;

    /// <summary>The hash of each block of a piece, one after another.</summary>
    /// <param name="bytes">The piece's bytes that are the file's.</param>
    public static byte[] LeavesOf(ReadOnlySpan<byte> bytes)
    {
        var leaves = new byte[(bytes.Length + MerkleTree.BlockSize - 1) / MerkleTree.BlockSize * MerkleTree.HashSize];
        for (var leaf = 0; !bytes.IsEmpty; leaf += MerkleTree.HashSize)
        {
            var length = Math.Min(MerkleTree.BlockSize, bytes.Length);
            SHA256.HashData(bytes[..length], leaves.AsSpan(leaf));
            bytes = bytes[length..];
        }

        return leaves;
    }
}
