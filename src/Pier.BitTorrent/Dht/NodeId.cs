using System.Buffers.Binary;
using System.Numerics;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Dht;

/// <summary>A point of the DHT's key space, 160 bits, where nodes and info-hashes lie together (BEP 5).</summary>
public readonly record struct NodeId
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 20;

    /// <summary>Length in bits.</summary>
    public const int Bits = Size * 8;

    private readonly ulong _high;
    private readonly ulong _middle;
    private readonly uint _low;

    /// <param name="bytes">Exactly <see cref="Size"/> bytes.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    public NodeId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            throw new ArgumentException($"a node id has {Size} bytes, not {bytes.Length}", nameof(bytes));
        }

        _high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _middle = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _low = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]);
    }

    /// <summary>Where an info-hash lies.</summary>
    public static NodeId Of(InfoHash infoHash)
    {
        Span<byte> bytes = stackalloc byte[Size];
        infoHash.CopyTo(bytes);
        return new NodeId(bytes);
    }

    /// <summary>A point anywhere.</summary>
    public static NodeId Random(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Span<byte> bytes = stackalloc byte[Size];
        random.NextBytes(bytes);
        return new NodeId(bytes);
    }

    /// <summary>A random point that has exactly the first <paramref name="shared"/> bits in common with this one; at most 159.</summary>
    public NodeId Beside(int shared, Random random)
    {
        Span<byte> ours = stackalloc byte[Size];
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(ours);
        Random(random).CopyTo(bytes);
        for (var bit = 0; bit <= shared; bit++)
        {
            var mask = (byte)(0x80 >> (bit % 8));
            var wanted = (byte)(ours[bit / 8] & mask);
            bytes[bit / 8] = (byte)((bytes[bit / 8] & ~mask) | (bit == shared ? wanted ^ mask : wanted));
        }

        return new NodeId(bytes);
    }

    /// <summary>How many leading bits two points have in common, 0 to 160.</summary>
    public int SharedBits(NodeId other) => (_high ^ other._high) switch
    {
        not 0 and var high => BitOperations.LeadingZeroCount(high),
        _ => (_middle ^ other._middle) switch
        {
            not 0 and var middle => 64 + BitOperations.LeadingZeroCount(middle),
            _ => 128 + BitOperations.LeadingZeroCount(_low ^ other._low),
        },
    };

    /// <summary>Which of two points is nearer to this one by XOR: negative for the first, positive for the second.</summary>
    public int CompareDistances(NodeId first, NodeId second)
    {
        var high = (_high ^ first._high).CompareTo(_high ^ second._high);
        if (high != 0)
        {
            return high;
        }

        var middle = (_middle ^ first._middle).CompareTo(_middle ^ second._middle);
        return middle != 0 ? middle : (_low ^ first._low).CompareTo(_low ^ second._low);
    }

    /// <summary>Writes the bytes.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _middle);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], _low);
    }

    /// <summary>40 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
