namespace Pier.Store.Zstandard;

/// <summary>The sequences of compressed blocks (RFC 8878 §3.1.1.3.2): so many literals, then so many bytes of so far back.</summary>
internal sealed class Sequences
{
    private const int MostOffsetCode = 31;

    private static readonly FseTable UsualLengths = FseTable.Of(
        [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1], 6);

    private static readonly FseTable UsualMatches = FseTable.Of(
        [
            1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
            -1, -1, -1, -1, -1, -1, -1,
        ],
        6);

    private static readonly FseTable UsualOffsets = FseTable.Of(
        [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1], 5);

    private static readonly byte[] LengthBits = [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
    private static readonly byte[] MatchBits = [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
    private static readonly int[] LengthBases = Bases(16, LengthBits);
    private static readonly int[] MatchBases = Bases(35, MatchBits);

    private readonly long[] _recent = new long[3];
    private FseTable? _lengths;
    private FseTable? _offsets;
    private FseTable? _matches;

    /// <summary>Forgets tables and offsets: a frame begins.</summary>
    public void Reset()
    {
        (_lengths, _offsets, _matches) = (null, null, null);
        (_recent[0], _recent[1], _recent[2]) = (1, 4, 8);
    }

    /// <summary>Reads the section and carries it out.</summary>
    /// <param name="section">All that follows the literals.</param>
    /// <param name="literals">The block's literals.</param>
    /// <param name="window">Takes what comes out.</param>
    /// <exception cref="InvalidDataException">It is malformed.</exception>
    public void Run(ReadOnlySpan<byte> section, ReadOnlySpan<byte> literals, Window window)
    {
        var count = ReadCount(section, out var at);
        if (count == 0)
        {
            window.Append(section.Length == at ? literals : throw new InvalidDataException("Bytes follow a block without sequences."));
            return;
        }

        var modes = at < section.Length ? section[at++] : throw new InvalidDataException("Sequences are cut off.");
        if ((modes & 3) != 0)
        {
            throw new InvalidDataException("Sequences have reserved modes.");
        }

        _lengths = Table(section, modes >> 6, UsualLengths, _lengths, 9, 15 + LengthBits.Length, ref at);
        _offsets = Table(section, (modes >> 4) & 3, UsualOffsets, _offsets, 8, MostOffsetCode, ref at);
        _matches = Table(section, (modes >> 2) & 3, UsualMatches, _matches, 9, 31 + MatchBits.Length, ref at);
        var bits = new ReversedBits(section[at..]);
        var (length, offset, match) = (_lengths.First(ref bits), _offsets.First(ref bits), _matches.First(ref bits));
        for (var left = count; left > 0; left--)
        {
            var offsetCode = _offsets.SymbolOf(offset);
            var value = (1L << offsetCode) + bits.Read(offsetCode);
            var bytes = Value(_matches.SymbolOf(match), 32, 3, MatchBases, MatchBits, ref bits);
            var before = Value(_lengths.SymbolOf(length), 16, 0, LengthBases, LengthBits, ref bits);
            if (before > literals.Length || bits.Left < 0)
            {
                throw new InvalidDataException("A sequence wants more than there is.");
            }

            window.Append(literals[..before]);
            literals = literals[before..];
            window.Repeat(OffsetOf(value, hasLiterals: before > 0), bytes);
            if (left > 1)
            {
                (length, match, offset) = (_lengths.Next(length, ref bits), _matches.Next(match, ref bits), _offsets.Next(offset, ref bits));
            }
        }

        window.Append(bits.Left == 0 ? literals : throw new InvalidDataException("Sequences end where their bits do not."));
    }

    private static int ReadCount(ReadOnlySpan<byte> section, out int used)
    {
        var head = section.IsEmpty ? throw new InvalidDataException("Sequences are cut off.") : section[0];
        used = head switch { < 128 => 1, < 255 => 2, _ => 3 };
        if (section.Length < used)
        {
            throw new InvalidDataException("Sequences are cut off.");
        }

        return head switch
        {
            < 128 => head,
            < 255 => ((head - 128) << 8) + section[1],
            _ => section[1] + (section[2] << 8) + 0x7F00,
        };
    }

    private static FseTable Table(ReadOnlySpan<byte> section, int mode, FseTable usual, FseTable? before, int mostAccuracy, int mostSymbol, ref int at)
    {
        switch (mode)
        {
            case 0:
                return usual;
            case 1:
                var symbol = at < section.Length ? section[at++] : throw new InvalidDataException("Sequences are cut off.");
                return symbol <= mostSymbol ? FseTable.Always(symbol) : throw new InvalidDataException("A sequence has a symbol that does not exist.");
            case 2:
                var table = FseTable.Read(section[at..], mostAccuracy, mostSymbol, out var used);
                at += used;
                return table;
            default:
                return before ?? throw new InvalidDataException("Sequences want the table of a block before, and there is none.");
        }
    }

    private static int Value(byte code, int plain, int least, int[] bases, byte[] widths, ref ReversedBits bits) =>
        code < plain ? code + least : bases[code - plain] + (int)bits.Read(widths[code - plain]);

    private static int[] Bases(int first, byte[] widths)
    {
        var bases = new int[widths.Length];
        for (var code = 0; code < widths.Length; code++)
        {
            bases[code] = first;
            first += 1 << widths[code];
        }

        return bases;
    }

    /// <summary>Offsets 1 to 3 stand for recent ones; without literals before them for the next older ones.</summary>
    private long OffsetOf(long value, bool hasLiterals)
    {
        var index = value > 3 ? 3 : (int)value - (hasLiterals ? 1 : 0);
        var offset = value > 3 ? value - 3 : index < 3 ? _recent[index] : _recent[0] - 1;
        if (index > 1)
        {
            _recent[2] = _recent[1];
        }

        if (index > 0)
        {
            _recent[1] = _recent[0];
        }

        _recent[0] = offset;
        return offset > 0 ? offset : throw new InvalidDataException("A sequence goes back by nothing.");
    }
}
