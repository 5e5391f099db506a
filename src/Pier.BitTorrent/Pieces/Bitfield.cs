using System.Numerics;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Pieces;

/// <summary>
/// A set of pieces. One writer; readers on other threads may see a bit a moment late, never one that was not set.
/// </summary>
internal sealed class Bitfield
{
    private const int WordBits = 64;

    private readonly ulong[] _words;

    /// <param name="length">Number of pieces.</param>
    public Bitfield(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        _words = new ulong[(length + WordBits - 1) / WordBits];
    }

    /// <summary>Number of pieces.</summary>
    public int Length { get; }

    /// <summary>Pieces in the set.</summary>
    public int Count { get; private set; }

    /// <summary>Whether every piece is in the set.</summary>
    public bool IsFull => Count == Length;

    /// <summary>64 pieces at once, the lowest bit being piece 64 × index.</summary>
    public ReadOnlySpan<ulong> Words => _words;

    /// <summary>Bytes of the set in a bitfield message.</summary>
    public int ByteLength => (Length + 7) / 8;

    /// <summary>Whether a piece is in the set.</summary>
    public bool this[int piece] => (Volatile.Read(ref _words[piece / WordBits]) >> (piece % WordBits) & 1) != 0;

    /// <summary>Adds a piece; false when it was there.</summary>
    public bool Add(int piece)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)piece, (uint)Length, nameof(piece));
        if (this[piece])
        {
            return false;
        }

        Volatile.Write(ref _words[piece / WordBits], _words[piece / WordBits] | 1UL << (piece % WordBits));
        Count++;
        return true;
    }

    /// <summary>Takes a piece out; false when it was not there.</summary>
    public bool Remove(int piece)
    {
        if (!this[piece])
        {
            return false;
        }

        Volatile.Write(ref _words[piece / WordBits], _words[piece / WordBits] & ~(1UL << (piece % WordBits)));
        Count--;
        return true;
    }

    /// <summary>Adds every piece.</summary>
    public void Fill()
    {
        for (var word = 0; word < _words.Length; word++)
        {
            var bits = Math.Min(WordBits, Length - word * WordBits);
            Volatile.Write(ref _words[word], bits == WordBits ? ulong.MaxValue : (1UL << bits) - 1);
        }

        Count = Length;
    }

    /// <summary>Pieces that are in both sets.</summary>
    public int CountIn(Bitfield other)
    {
        var count = 0;
        for (var word = 0; word < _words.Length; word++)
        {
            count += BitOperations.PopCount(_words[word] & other._words[word]);
        }

        return count;
    }

    /// <summary>Whether every piece of this set is in the other.</summary>
    public bool IsWithin(Bitfield other)
    {
        for (var word = 0; word < _words.Length; word++)
        {
            if ((_words[word] & ~other._words[word]) != 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The pieces of this set that another lacks, in order.</summary>
    public IEnumerable<int> Except(Bitfield other)
    {
        for (var word = 0; word < _words.Length; word++)
        {
            for (var bits = _words[word] & ~other._words[word]; bits != 0; bits &= bits - 1)
            {
                yield return (word * WordBits) + BitOperations.TrailingZeroCount(bits);
            }
        }
    }

    /// <summary>Adds the pieces of another set of the same length.</summary>
    public void AddAll(Bitfield other)
    {
        for (var word = 0; word < _words.Length; word++)
        {
            var more = other._words[word] & ~_words[word];
            Volatile.Write(ref _words[word], _words[word] | more);
            Count += BitOperations.PopCount(more);
        }
    }

    /// <summary>Reads a bitfield message's payload: the high bit of the first byte is piece 0 (BEP 3).</summary>
    /// <exception cref="WireException">Not exactly the bytes needed, or a spare bit is set.</exception>
    public static Bitfield Parse(ReadOnlySpan<byte> payload, int length)
    {
        var field = new Bitfield(length);
        if (payload.Length != field.ByteLength)
        {
            throw new WireException($"a bitfield of {payload.Length} bytes for {length} pieces, which need {field.ByteLength}");
        }

        if (length % 8 != 0 && (payload[^1] & (0xff >> (length % 8))) != 0)
        {
            throw new WireException("a bitfield has spare bits set");
        }

        for (var index = 0; index < payload.Length; index++)
        {
            field._words[index / 8] |= (ulong)Reverse(payload[index]) << (index % 8 * 8);
        }

        foreach (var word in field._words)
        {
            field.Count += BitOperations.PopCount(word);
        }

        return field;
    }

    /// <summary>Writes <see cref="ByteLength"/> bytes in the order of a bitfield message.</summary>
    public void CopyTo(Span<byte> destination)
    {
        for (var index = 0; index < ByteLength; index++)
        {
            destination[index] = Reverse((byte)(_words[index / 8] >> (index % 8 * 8)));
        }
    }

    private static byte Reverse(byte value) =>
        (byte)(((value * 0x0202020202UL) & 0x010884422010UL) % 1023);
}
