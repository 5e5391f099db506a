using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Metadata;

/// <summary>
/// Answers requests for nodes of a file's hash tree (BEP 52) at and above its piece layer, which is all that is kept;
/// <see cref="BlockHashServer"/> has the rest.
/// </summary>
internal static class HashServer
{
    /// <summary>The payload of a hashes message, or null when the request is refused.</summary>
    public static byte[]? Answer(Metainfo metainfo, HashRequest request)
    {
        if (!metainfo.HasV2 || request.BaseLayer != MerkleTree.PieceLayerHeight(metainfo.PieceLength))
        {
            return null;
        }

        var trees = FileTrees.Of(metainfo);
        return trees.Find(request.Root) is { } file && !metainfo.PieceLayer(file).IsEmpty ? AnswerFrom(trees, file, request) : null;
    }

    private static byte[]? AnswerFrom(FileTrees trees, int file, HashRequest request)
    {
        var layer = trees.Pieces(file);
        if (request.Index >= layer.PaddedCount || request.Length > layer.PaddedCount)
        {
            return null;
        }

        // Uncles begin above the subtree that the nodes themselves make (BEP 52: proofs omit what can be computed).
        var subtreeHeight = MerkleTree.HeightOver(request.Length);
        var uncles = Math.Clamp(request.ProofLayers - Math.Max(0, subtreeHeight - 1), 0, layer.Height - subtreeHeight);
        var answer = new byte[HashRequest.Size + (request.Length + uncles) * MerkleTree.HashSize];
        request.CopyTo(answer);
        var output = answer.AsSpan(HashRequest.Size);
        for (var node = 0; node < request.Length; node++)
        {
            layer.Node(0, request.Index + node, output[(node * MerkleTree.HashSize)..]);
        }

        for (var uncle = 0; uncle < uncles; uncle++)
        {
            var sibling = (request.Index >> (subtreeHeight + uncle)) ^ 1;
            trees.Node(file, subtreeHeight + uncle, sibling, output[((request.Length + uncle) * MerkleTree.HashSize)..]);
        }

        return answer;
    }
}
