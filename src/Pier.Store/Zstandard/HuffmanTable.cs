using System.Numerics;

namespace Pier.Store.Zstandard;

/// <summary>A Huffman code of literals (RFC 8878 §4.2), looked up by its longest length.</summary>
internal sealed class HuffmanTable
{
    private const int MostBits = 11;
    private const int MostWeights = 255;
    private const int WeightAccuracy = 6;

    private readonly int _width;
    private readonly byte[] _symbols;
    private readonly byte[] _bits;

    private HuffmanTable(ReadOnlySpan<byte> weights, int width)
    {
        _width = width;
        _symbols = new byte[1 << width];
        _bits = new byte[1 << width];
        var at = 0;
        // Longest codes, of the least weight, stand first.
        for (var weight = 1; weight <= width; weight++)
        {
            for (var symbol = 0; symbol < weights.Length; symbol++)
            {
                if (weights[symbol] == weight)
                {
                    _symbols.AsSpan(at, 1 << (weight - 1)).Fill((byte)symbol);
                    _bits.AsSpan(at, 1 << (weight - 1)).Fill((byte)(width + 1 - weight));
                    at += 1 << (weight - 1);
                }
            }
        }
    }

    /// <summary>Reads a code's description.</summary>
    /// <param name="bytes">Begins with it.</param>
    /// <param name="used">Bytes that it has.</param>
    /// <exception cref="InvalidDataException">It is no such description.</exception>
    public static HuffmanTable Read(ReadOnlySpan<byte> bytes, out int used)
    {
        var head = bytes.IsEmpty ? throw new InvalidDataException("A Huffman code is missing.") : bytes[0];
        Span<byte> weights = stackalloc byte[MostWeights + 1];
        int count;
        if (head < 128)
        {
            used = 1 + head;
            count = ReadCompressed(Slice(bytes, 1, head), weights);
        }
        else
        {
            count = head - 127;
            used = 1 + ((count + 1) / 2);
            var packed = Slice(bytes, 1, used - 1);
            for (var symbol = 0; symbol < count; symbol++)
            {
                weights[symbol] = (byte)(symbol % 2 == 0 ? packed[symbol / 2] >> 4 : packed[symbol / 2] & 15);
            }
        }

        // The last symbol's weight is what is missing of a power of two.
        var sum = 0;
        foreach (var weight in weights[..count])
        {
            sum += weight > MostBits ? throw new InvalidDataException("A Huffman code is too long.") : (1 << weight) >> 1;
        }

        var width = sum == 0 ? throw new InvalidDataException("A Huffman code has no symbols.") : BitOperations.Log2((uint)sum) + 1;
        var missing = (1 << width) - sum;
        if (width > MostBits || !BitOperations.IsPow2(missing))
        {
            throw new InvalidDataException("A Huffman code is not complete.");
        }

        weights[count] = (byte)(BitOperations.Log2((uint)missing) + 1);
        return new HuffmanTable(weights[..(count + 1)], width);
    }

    /// <summary>Reads a stream's literals; both must end together.</summary>
    /// <exception cref="InvalidDataException">They do not.</exception>
    public void Decode(ReadOnlySpan<byte> stream, Span<byte> literals)
    {
        var bits = new ReversedBits(stream);
        for (var index = 0; index < literals.Length; index++)
        {
            var code = bits.Peek(_width);
            literals[index] = _symbols[code];
            bits.Skip(_bits[code]);
        }

        if (bits.Left != 0)
        {
            throw new InvalidDataException("Literals end where their bits do not.");
        }
    }

    private static int ReadCompressed(ReadOnlySpan<byte> bytes, Span<byte> weights)
    {
        var table = FseTable.Read(bytes, WeightAccuracy, MostBits + 1, out var used);
        var bits = new ReversedBits(bytes[used..]);
        var (one, other) = (table.First(ref bits), table.First(ref bits));
        for (var count = 0; count < MostWeights - 1;)
        {
            weights[count++] = table.SymbolOf(one);
            one = table.Next(one, ref bits);
            if (bits.Left < 0)
            {
                weights[count++] = table.SymbolOf(other);
                return count;
            }

            (one, other) = (other, one);
        }

        throw new InvalidDataException("A Huffman code has too many symbols.");
    }

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> bytes, int from, int count) =>
        from + count <= bytes.Length ? bytes.Slice(from, count) : throw new InvalidDataException("A Huffman code is cut off.");
}
