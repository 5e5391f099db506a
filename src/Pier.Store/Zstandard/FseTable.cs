using System.Numerics;

namespace Pier.Store.Zstandard;

/// <summary>A decoding table of finite state entropy (RFC 8878 §4.1): each state has a symbol and leads to the next.</summary>
internal sealed class FseTable
{
    private const int LeastAccuracy = 5;

    private readonly byte[] _symbols;
    private readonly byte[] _bits;
    private readonly ushort[] _bases;

    private FseTable(int accuracy)
    {
        Accuracy = accuracy;
        _symbols = new byte[1 << accuracy];
        _bits = new byte[1 << accuracy];
        _bases = new ushort[1 << accuracy];
    }

    /// <summary>Bits of a state.</summary>
    public int Accuracy { get; }

    /// <summary>The table of one symbol that needs no bits.</summary>
    public static FseTable Always(byte symbol)
    {
        var table = new FseTable(0);
        table._symbols[0] = symbol;
        return table;
    }

    /// <summary>The table of a distribution; -1 is a probability below one.</summary>
    public static FseTable Of(ReadOnlySpan<short> distribution, int accuracy)
    {
        var table = new FseTable(accuracy);
        var size = 1 << accuracy;
        var high = size - 1;
        Span<ushort> next = stackalloc ushort[distribution.Length];
        for (var symbol = 0; symbol < distribution.Length; symbol++)
        {
            next[symbol] = (ushort)Math.Abs(distribution[symbol]);
            if (distribution[symbol] == -1)
            {
                table._symbols[high--] = (byte)symbol;
            }
        }

        var (step, at) = ((size >> 1) + (size >> 3) + 3, 0);
        for (var symbol = 0; symbol < distribution.Length; symbol++)
        {
            for (var count = 0; count < distribution[symbol]; count++)
            {
                table._symbols[at] = (byte)symbol;
                do
                {
                    at = (at + step) & (size - 1);
                }
                while (at > high);
            }
        }

        for (var state = 0; state < size; state++)
        {
            var value = next[table._symbols[state]]++;
            table._bits[state] = (byte)(accuracy - BitOperations.Log2(value));
            table._bases[state] = (ushort)((value << table._bits[state]) - size);
        }

        return table;
    }

    /// <summary>Reads a table's description.</summary>
    /// <param name="bytes">Begins with it.</param>
    /// <param name="mostAccuracy">Most bits of a state.</param>
    /// <param name="mostSymbol">The highest symbol.</param>
    /// <param name="used">Bytes that it has.</param>
    /// <exception cref="InvalidDataException">It is no such description.</exception>
    public static FseTable Read(ReadOnlySpan<byte> bytes, int mostAccuracy, int mostSymbol, out int used)
    {
        var bit = 4;
        var accuracy = LeastAccuracy + (int)Bits(bytes, 0, 4);
        if (accuracy > mostAccuracy)
        {
            throw new InvalidDataException($"A table of {accuracy} bits; {mostAccuracy} are the most.");
        }

        Span<short> distribution = stackalloc short[mostSymbol + 1];
        var (symbol, remaining, threshold, width) = (0, (1 << accuracy) + 1, 1 << accuracy, accuracy + 1);
        while (remaining > 1 && symbol <= mostSymbol)
        {
            var least = (2 * threshold) - 1 - remaining;
            var value = (int)Bits(bytes, bit, width);
            if ((value & (threshold - 1)) < least)
            {
                value &= threshold - 1;
                bit += width - 1;
            }
            else
            {
                value = value >= threshold ? value - least : value;
                bit += width;
            }

            distribution[symbol++] = (short)--value;
            remaining -= Math.Abs(value);
            for (var more = value == 0; more;)
            {
                var zeros = (int)Bits(bytes, bit, 2);
                bit += 2;
                symbol += zeros;
                more = zeros == 3 && symbol <= mostSymbol;
            }

            while (remaining < threshold && threshold > 1)
            {
                width--;
                threshold >>= 1;
            }
        }

        used = (bit + 7) / 8;
        return remaining == 1 && symbol <= mostSymbol + 1 && used <= bytes.Length
            ? Of(distribution[..symbol], accuracy)
            : throw new InvalidDataException("A table's probabilities do not add up.");
    }

    /// <summary>The state that a bitstream begins with.</summary>
    public int First(ref ReversedBits bits) => (int)bits.Read(Accuracy);

    /// <summary>What a state stands for.</summary>
    public byte SymbolOf(int state) => _symbols[state];

    /// <summary>The state after it.</summary>
    public int Next(int state, ref ReversedBits bits) => _bases[state] + (int)bits.Read(_bits[state]);

    /// <summary>Bits forward from the lowest of the first byte; zeros beyond the end.</summary>
    private static uint Bits(ReadOnlySpan<byte> bytes, int from, int count)
    {
        var value = 0UL;
        for (var index = 0; index < 4 && (from >> 3) + index < bytes.Length; index++)
        {
            value |= (ulong)bytes[(from >> 3) + index] << (8 * index);
        }

        return (uint)((value >> (from & 7)) & ((1UL << count) - 1));
    }
}
