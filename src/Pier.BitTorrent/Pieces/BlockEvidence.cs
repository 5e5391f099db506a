using System.Buffers.Binary;
using System.Security.Cryptography;
using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Peers;

namespace Pier.BitTorrent.Pieces;

/// <summary>
/// What is kept of a piece that failed its hash: a hash of each block and who sent it. When the hashes of its blocks are known,
/// or the piece has come right, the blocks that differ name the peers that sent bad ones.
/// </summary>
internal sealed class BlockEvidence
{
    private readonly (UInt128 Hash, PeerOrigin Origin)[] _blocks;

    private BlockEvidence((UInt128 Hash, PeerOrigin Origin)[] blocks) => _blocks = blocks;

    /// <summary>Everyone who sent a block.</summary>
    public IReadOnlyList<PeerOrigin> Contributors => [.. _blocks.Select(block => block.Origin).Distinct()];

    /// <summary>Takes the evidence of a complete piece.</summary>
    /// <param name="buffer">The piece.</param>
    /// <param name="content">Bytes of it that hash trees cover: the rest is padding (BEP 52).</param>
    public static BlockEvidence Of(PieceBuffer buffer, int content) => Of(buffer, block => HashOf(buffer, block, content));

    /// <summary>Takes the evidence of a complete piece whose blocks are hashed by other means.</summary>
    public static BlockEvidence Of(PieceBuffer buffer, Func<int, UInt128> hashOf)
    {
        var blocks = new (UInt128 Hash, PeerOrigin Origin)[buffer.BlockCount];
        for (var block = 0; block < blocks.Length; block++)
        {
            blocks[block] = (hashOf(block), (PeerOrigin)buffer.ContributorOf(block)!);
        }

        return new BlockEvidence(blocks);
    }

    /// <summary>Who sent blocks that differ from those of the piece that passed.</summary>
    public IReadOnlyList<PeerOrigin> CulpritsAgainst(PieceBuffer good, int content) => CulpritsAgainst(block => HashOf(good, block, content));

    /// <summary>Who sent blocks whose hashes differ from those of the piece that passed.</summary>
    public IReadOnlyList<PeerOrigin> CulpritsAgainst(Func<int, UInt128> hashOf)
    {
        var culprits = new HashSet<PeerOrigin>();
        for (var block = 0; block < _blocks.Length; block++)
        {
            if (_blocks[block].Hash != hashOf(block))
            {
                culprits.Add(_blocks[block].Origin);
            }
        }

        return [.. culprits];
    }

    /// <summary>Which blocks are as a hash tree says.</summary>
    /// <param name="leaves">The tree's leaves, which are zero where the file has no bytes.</param>
    public Bitfield GoodAgainst(ReadOnlySpan<byte> leaves)
    {
        var good = new Bitfield(_blocks.Length);
        for (var block = 0; block < _blocks.Length; block++)
        {
            // A hybrid's piece may be padded beyond its file's tree.
            var at = block * MerkleTree.HashSize;
            var expected = at < leaves.Length ? BinaryPrimitives.ReadUInt128BigEndian(leaves[at..]) : 0;
            if (_blocks[block].Hash == expected)
            {
                good.Add(block);
            }
        }

        return good;
    }

    /// <summary>Who sent the other blocks.</summary>
    public IReadOnlyList<PeerOrigin> SendersOfAllBut(Bitfield good) =>
        [.. _blocks.Where((_, block) => !good[block]).Select(block => block.Origin).Distinct()];

    private static UInt128 HashOf(PieceBuffer buffer, int block, int content)
    {
        var bytes = buffer.BlockSpan(block);
        var covered = Math.Clamp(content - buffer.OffsetOf(block), 0, bytes.Length);
        if (bytes[covered..].ContainsAnyExcept((byte)0))
        {
            // Padding that is not zero is nobody's hash.
            return UInt128.MaxValue;
        }

        if (covered == 0)
        {
            return 0;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..covered], hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
