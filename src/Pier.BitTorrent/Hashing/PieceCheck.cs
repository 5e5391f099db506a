namespace Pier.BitTorrent.Hashing;

/// <summary>Which hashes a <see cref="PieceHasher"/> compares.</summary>
public enum PieceCheck
{
    /// <summary>SHA-1 where the torrent has it, else the Merkle tree: the cheapest that proves the piece under the info-hash.</summary>
    Cheapest,

    /// <summary>SHA-1 of the piece (BEP 3).</summary>
    V1,

    /// <summary>SHA-256 Merkle node of the piece (BEP 52).</summary>
    V2,

    /// <summary>Both halves of a hybrid.</summary>
    Both,
}
