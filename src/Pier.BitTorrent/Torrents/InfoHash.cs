using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Pier.BitTorrent.Torrents;

/// <summary>
/// The 20 bytes by which handshakes, trackers and DHT name a swarm: SHA-1 of a v1 info dictionary (BEP 3), the first 20
/// bytes of a v2 info-hash (BEP 52), or a rendezvous id.
/// </summary>
public readonly record struct InfoHash
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 20;

    private readonly ulong _high;
    private readonly ulong _middle;
    private readonly uint _low;

    /// <param name="bytes">Exactly <see cref="Size"/> bytes.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    public InfoHash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            throw new ArgumentException($"an info-hash has {Size} bytes, not {bytes.Length}", nameof(bytes));
        }

        _high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _middle = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _low = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]);
    }

    /// <summary>The v1 info-hash of an info dictionary given by its original bytes.</summary>
    public static InfoHash OfInfo(ReadOnlySpan<byte> info)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA1.HashData(info, hash);
        return new InfoHash(hash);
    }

    /// <summary>Reads 40 hexadecimal digits or 32 base32 letters (BEP 9 magnets carry either).</summary>
    /// <exception cref="FormatException">Neither form.</exception>
    public static InfoHash Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var hash)
            ? hash
            : throw new FormatException("an info-hash is 40 hexadecimal digits or 32 base32 letters");

    /// <summary>Reads 40 hexadecimal digits or 32 base32 letters, in either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out InfoHash hash)
    {
        Span<byte> bytes = stackalloc byte[Size];
        if (HexText.TryDecode(text, bytes) || Base32Text.TryDecode(text, bytes))
        {
            hash = new InfoHash(bytes);
            return true;
        }

        hash = default;
        return false;
    }

    /// <summary>Writes the bytes.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _middle);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], _low);
    }

    /// <summary>A fresh array of the bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>40 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
