using System.Security.Cryptography;
using Pier.BitTorrent.Peers;

namespace Pier.BitTorrent.Pieces;

/// <summary>
/// What is kept of a piece that failed its hash: a hash of each block and who sent it. When the piece has come right, the
/// blocks that differ name the peers that sent bad ones.
/// </summary>
internal sealed class BlockEvidence
{
    private readonly (UInt128 Hash, PeerOrigin Origin)[] _blocks;

    private BlockEvidence((UInt128 Hash, PeerOrigin Origin)[] blocks) => _blocks = blocks;

    /// <summary>Everyone who sent a block.</summary>
    public IReadOnlyList<PeerOrigin> Contributors => [.. _blocks.Select(block => block.Origin).Distinct()];

    /// <summary>Takes the evidence of a complete piece.</summary>
    public static BlockEvidence Of(PieceBuffer buffer) => Of(buffer, block => HashOf(buffer, block));

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
    public IReadOnlyList<PeerOrigin> CulpritsAgainst(PieceBuffer good) => CulpritsAgainst(block => HashOf(good, block));

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

    private static UInt128 HashOf(PieceBuffer buffer, int block)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer.BlockSpan(block), hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
