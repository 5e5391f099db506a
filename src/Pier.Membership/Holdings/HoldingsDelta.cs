using System.Buffers.Binary;
using Pier.Content;

namespace Pier.Membership.Holdings;

/// <summary>
/// What a node holds, or how that has changed since a version that the asker knew. A blob is named by the first 8 bytes of its
/// SHA-256: enough to know whom to ask, who then says for certain. On the wire, big-endian: format (1), flags, epoch, number, counts
/// of what came and what went (4 bytes each), their keys.
/// </summary>
/// <param name="Version">The moment that it leads to.</param>
/// <param name="Added">Keys of what came, or of all.</param>
/// <param name="Removed">Keys of what went.</param>
internal sealed record HoldingsDelta(HoldingsVersion Version, IReadOnlyCollection<ulong> Added, IReadOnlyCollection<ulong> Removed)
{
    /// <summary>Most keys that one node tells of; one that holds more tells of none.</summary>
    public const int MaxKeys = 32_768;

    /// <summary>Most bytes on the wire.</summary>
    public const int MaxBytes = HeaderBytes + MaxKeys * sizeof(ulong);

    private const byte Format = 1;
    private const int HeaderBytes = 2 + 2 * sizeof(ulong) + 2 * sizeof(uint);

    /// <summary>Whether it is all that the node holds, in place of what was known.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Whether the node holds more than it tells of: nothing follows from a key that is missing.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>The key of a blob.</summary>
    public static ulong KeyOf(Digest sha256) => ulong.Parse(sha256.Hex.AsSpan(0, 16), System.Globalization.NumberStyles.AllowHexSpecifier, null);

    /// <summary>Reads one; null when it is malformed.</summary>
    public static HoldingsDelta? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is < HeaderBytes or > MaxBytes || bytes[0] != Format || bytes[1] > 3)
        {
            return null;
        }

        long added = BinaryPrimitives.ReadUInt32BigEndian(bytes[18..]), removed = BinaryPrimitives.ReadUInt32BigEndian(bytes[22..]);
        if ((added + removed) * sizeof(ulong) != bytes.Length - HeaderBytes)
        {
            return null;
        }

        var version = new HoldingsVersion(BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]), BinaryPrimitives.ReadUInt64BigEndian(bytes[10..]));
        var keys = bytes[HeaderBytes..];
        return new HoldingsDelta(version, Read(keys, (int)added), Read(keys[((int)added * sizeof(ulong))..], (int)removed))
        {
            IsWhole = (bytes[1] & 1) != 0,
            IsTruncated = (bytes[1] & 2) != 0,
        };
    }

    /// <summary>Writes it.</summary>
    public byte[] Write()
    {
        var bytes = new byte[HeaderBytes + (Added.Count + Removed.Count) * sizeof(ulong)];
        bytes[0] = Format;
        bytes[1] = (byte)((IsWhole ? 1 : 0) | (IsTruncated ? 2 : 0));
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(2), Version.Epoch);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(10), Version.Number);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(18), (uint)Added.Count);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(22), (uint)Removed.Count);
        var offset = HeaderBytes;
        foreach (var key in Added.Concat(Removed))
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(offset), key);
            offset += sizeof(ulong);
        }

        return bytes;
    }

    private static ulong[] Read(ReadOnlySpan<byte> keys, int count)
    {
        var read = new ulong[count];
        for (var index = 0; index < count; index++)
        {
            read[index] = BinaryPrimitives.ReadUInt64BigEndian(keys[(index * sizeof(ulong))..]);
        }

        return read;
    }
}
