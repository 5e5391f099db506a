namespace Pier.BitTorrent.Torrents;

/// <summary>A file's <c>pieces root</c>: the root of its SHA-256 Merkle tree over 16 KiB blocks (BEP 52).</summary>
public readonly record struct MerkleRoot
{
    /// <summary>Length in bytes.</summary>
    public const int Size = Bytes32.Size;

    private readonly Bytes32 _bytes;

    /// <param name="bytes">Exactly <see cref="Size"/> bytes.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    public MerkleRoot(ReadOnlySpan<byte> bytes) => _bytes = new Bytes32(bytes);

    /// <summary>Writes the bytes.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    public void CopyTo(Span<byte> destination) => _bytes.CopyTo(destination);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => _bytes.ToString();
}
