using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Hashing;

/// <summary>What v2 metainfo says of one file's bytes (BEP 52).</summary>
/// <param name="Root"><c>pieces root</c>; null for an empty file.</param>
/// <param name="Layer">The file's entry in <c>piece layers</c>; empty when the file is no longer than a piece.</param>
internal sealed record FileTreeHash(MerkleRoot? Root, ReadOnlyMemory<byte> Layer)
{
    /// <summary>Derives the root from the nodes of all pieces.</summary>
    /// <param name="layer">A node per piece; the root itself when there is only one piece.</param>
    /// <param name="pieceLength">Bytes of a piece.</param>
    public static FileTreeHash FromLayer(ReadOnlyMemory<byte> layer, int pieceLength)
    {
        if (layer.Length <= MerkleTree.HashSize)
        {
            return new FileTreeHash(layer.IsEmpty ? null : new MerkleRoot(layer.Span), default);
        }

        Span<byte> root = stackalloc byte[MerkleTree.HashSize];
        MerkleTree.RootOver(layer.Span, MerkleTree.PieceLayerHeight(pieceLength), root);
        return new FileTreeHash(new MerkleRoot(root), layer);
    }
}
