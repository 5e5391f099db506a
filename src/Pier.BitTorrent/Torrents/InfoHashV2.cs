using System.Security.Cryptography;

namespace Pier.BitTorrent.Torrents;

/// <summary>SHA-256 of a v2 or hybrid info dictionary (BEP 52).</summary>
public readonly record struct InfoHashV2
{
    /// <summary>Length in bytes.</summary>
    public const int Size = Bytes32.Size;

    private readonly Bytes32 _bytes;

    /// <param name="bytes">Exactly <see cref="Size"/> bytes.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    public InfoHashV2(ReadOnlySpan<byte> bytes) => _bytes = new Bytes32(bytes);

    /// <summary>The first 20 bytes: what handshakes, trackers and DHT use (BEP 52).</summary>
    public InfoHash Truncated
    {
        get
        {
            Span<byte> bytes = stackalloc byte[Size];
            CopyTo(bytes);
            return new InfoHash(bytes[..InfoHash.Size]);
        }
    }

    /// <summary>The v2 info-hash of an info dictionary given by its original bytes.</summary>
    public static InfoHashV2 OfInfo(ReadOnlySpan<byte> info)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(info, hash);
        return new InfoHashV2(hash);
    }

    /// <summary>Reads 64 hexadecimal digits.</summary>
    /// <exception cref="FormatException">Anything else.</exception>
    public static InfoHashV2 Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var hash) ? hash : throw new FormatException("a v2 info-hash is 64 hexadecimal digits");

    /// <summary>Reads 64 hexadecimal digits, in either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out InfoHashV2 hash)
    {
        Span<byte> bytes = stackalloc byte[Size];
        var read = HexText.TryDecode(text, bytes);
        hash = read ? new InfoHashV2(bytes) : default;
        return read;
    }

    /// <summary>Writes the bytes.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    public void CopyTo(Span<byte> destination) => _bytes.CopyTo(destination);

    /// <summary>A fresh array of the bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => _bytes.ToString();
}
