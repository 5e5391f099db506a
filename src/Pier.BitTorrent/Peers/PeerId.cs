using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Pier.BitTorrent.Peers;

/// <summary>The 20 bytes by which a peer names itself in handshakes and announces (BEP 3, BEP 20).</summary>
public readonly record struct PeerId
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 20;

    // "-PI" of the bytes below.
    private const ulong Pier = 0x2d5049;

    private readonly ulong _high;
    private readonly ulong _middle;
    private readonly uint _low;

    /// <param name="bytes">Exactly <see cref="Size"/> bytes.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    public PeerId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            throw new ArgumentException($"a peer id has {Size} bytes, not {bytes.Length}", nameof(bytes));
        }

        _high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _middle = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _low = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]);
    }

    /// <summary>Whether it names this program, of whatever version; anybody may say so.</summary>
    public bool IsPier => _high >> 40 == Pier;

    /// <summary>A fresh id of ours: <c>-PI0100-</c> as BEP 20 wants client and version, then 12 random bytes.</summary>
    public static PeerId Create()
    {
        Span<byte> bytes = stackalloc byte[Size];
        "-PI0100-"u8.CopyTo(bytes);
        RandomNumberGenerator.Fill(bytes[8..]);
        return new PeerId(bytes);
    }

    /// <summary>Writes the bytes.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _middle);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], _low);
    }

    /// <summary>Printable bytes as they are, others as a dot: for logs and status.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return string.Create(Size, bytes, static (text, raw) =>
        {
            for (var index = 0; index < raw.Length; index++)
            {
                text[index] = raw[index] is > 0x20 and < 0x7f ? (char)raw[index] : '.';
            }
        });
    }
}
