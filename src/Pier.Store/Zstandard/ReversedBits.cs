using System.Buffers.Binary;
using System.Numerics;

namespace Pier.Store.Zstandard;

/// <summary>Reads a bitstream that begins at its end (RFC 8878 §4.1): the highest set bit of the last byte marks where.</summary>
internal ref struct ReversedBits
{
    private readonly ReadOnlySpan<byte> _bytes;
    private long _left;

    /// <param name="bytes">The stream; not empty.</param>
    /// <exception cref="InvalidDataException">It has no mark.</exception>
    public ReversedBits(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes[^1] == 0)
        {
            throw new InvalidDataException("A bitstream has no end mark.");
        }

        _bytes = bytes;
        _left = (8L * bytes.Length) - 8 + BitOperations.Log2(bytes[^1]);
    }

    /// <summary>Bits that were not read; negative when more were read than there are.</summary>
    public readonly long Left => _left;

    /// <summary>The next bits, at most 32, the first the highest; zeros beyond the stream.</summary>
    public readonly uint Peek(int count)
    {
        var value = 0UL;
        var low = _left - count;
        var first = Math.Max(0, low >> 3);
        // Bits low to left - 1, bytes with the lowest bits first.
        if (first + sizeof(ulong) <= _bytes.Length)
        {
            value = BinaryPrimitives.ReadUInt64LittleEndian(_bytes[(int)first..]);
        }
        else
        {
            for (var (at, shift) = (first, 0); shift < 40 && at < _bytes.Length; at++, shift += 8)
            {
                value |= (ulong)_bytes[(int)at] << shift;
            }
        }

        value = low >= 0 ? value >> (int)(low & 7) : low > -64 ? value << (int)-low : 0;
        return (uint)(value & ((1UL << count) - 1));
    }

    /// <summary>Leaves bits behind.</summary>
    public void Skip(int count) => _left -= count;

    /// <summary>Reads bits, at most 32.</summary>
    public uint Read(int count)
    {
        var value = Peek(count);
        _left -= count;
        return value;
    }
}
