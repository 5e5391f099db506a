using System.Numerics;
using System.Security.Cryptography;
using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Metadata;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms.Blocks;

/// <summary>Some blocks that are being fetched by themselves, and the hashes that prove them. Part of a swarm's loop.</summary>
/// <param name="span">Which.</param>
/// <param name="request">What hashes are asked for.</param>
/// <param name="now">When they were wanted.</param>
internal sealed class Spot(BlockSpan span, HashRequest request, long now)
{
    private uint _here;

    /// <summary>Which blocks.</summary>
    public BlockSpan Span => span;

    /// <summary>What hashes are asked for.</summary>
    public HashRequest Request => request;

    /// <summary>When they were wanted.</summary>
    public long WantedAt { get; } = now;

    /// <summary>When the last peer was asked.</summary>
    public long AskedAt { get; set; } = now;

    /// <summary>The peer that is asked; null while none can be.</summary>
    public PeerSession? Asked { get; set; }

    /// <summary>Peers that are not asked again.</summary>
    public HashSet<PeerSession> Unable { get; } = [];

    /// <summary>Where the blocks go; null before anybody was asked.</summary>
    public PieceBuffer? Buffer { get; set; }

    /// <summary>The hashes, once they are proved.</summary>
    public byte[]? Leaves { get; set; }

    /// <summary>Whether all blocks have come.</summary>
    public bool IsHere => _here == (1u << span.Count) - 1;

    /// <summary>What to ask for: the fewest leaves of the tree, as many as a power of two and aligned to it, that have all blocks; null when a piece is one block.</summary>
    public static HashRequest? RequestFor(Metainfo metainfo, BlockSpan span)
    {
        var level = BitOperations.Log2((uint)(span.First ^ (span.First + span.Count - 1)) | 1) + (span.Count > 1 ? 1 : 0);
        return BlockProof.RequestFor(metainfo, span.Piece, span.First, 1 << level);
    }

    /// <summary>Whether a block has come.</summary>
    public bool Has(int block) => (_here & BitOf(block)) != 0;

    /// <summary>A block has come.</summary>
    public void Come(int block) => _here |= BitOf(block);

    /// <summary>A block that came is bad.</summary>
    public void Lose(int block) => _here &= ~BitOf(block);

    /// <summary>The first block that is not what its hash says; null when all are. All have come.</summary>
    public int? FirstBad(Metainfo metainfo, byte[] leaves)
    {
        var tree = BlockTree.Of(metainfo, span.Piece);
        Span<byte> hash = stackalloc byte[MerkleTree.HashSize];
        for (var block = span.First; block < span.End; block++)
        {
            // Padding after a file is in no tree.
            var bytes = Buffer!.BlockSpan(block);
            SHA256.HashData(bytes[..Math.Clamp(tree.Content - block * MerkleTree.BlockSize, 0, bytes.Length)], hash);
            var leaf = tree.FirstLeaf + block - request.Index;
            if (!hash.SequenceEqual(leaves.AsSpan(leaf * MerkleTree.HashSize, MerkleTree.HashSize)))
            {
                return block;
            }
        }

        return null;
    }

    private uint BitOf(int block) => 1u << (block - span.First);
}
