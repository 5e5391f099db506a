using System.Buffers.Binary;

namespace Pier.Store.Zstandard;

/// <summary>The literals of compressed blocks (RFC 8878 §3.1.1.3.1); the code of one block may serve the next.</summary>
internal sealed class Literals
{
    private readonly byte[] _bytes = new byte[ZstandardStream.MostBlock];
    private HuffmanTable? _code;
    private int _count;

    /// <summary>Those of the block that was read last.</summary>
    public ReadOnlySpan<byte> All => _bytes.AsSpan(0, _count);

    /// <summary>Forgets the code: a frame begins.</summary>
    public void Reset() => _code = null;

    /// <summary>Reads the section; returns its length in bytes.</summary>
    /// <exception cref="InvalidDataException">It is malformed.</exception>
    public int Read(ReadOnlySpan<byte> block)
    {
        if (block.IsEmpty)
        {
            throw new InvalidDataException("A block is empty.");
        }

        var (kind, form) = (block[0] & 3, (block[0] >> 2) & 3);
        return kind < 2 ? ReadPlain(block, isOneByte: kind == 1, form) : ReadCoded(block, hasCode: kind == 2, form);
    }

    private int ReadPlain(ReadOnlySpan<byte> block, bool isOneByte, int form)
    {
        var (head, shift) = form switch { 1 => (2, 4), 3 => (3, 4), _ => (1, 3) };
        _count = Checked((int)(Head(block, head) >> shift));
        var used = head + (isOneByte ? 1 : _count);
        if (used > block.Length)
        {
            throw new InvalidDataException("Literals are cut off.");
        }

        if (isOneByte)
        {
            _bytes.AsSpan(0, _count).Fill(block[head]);
        }
        else
        {
            block.Slice(head, _count).CopyTo(_bytes);
        }

        return used;
    }

    private int ReadCoded(ReadOnlySpan<byte> block, bool hasCode, int form)
    {
        var (head, width) = form switch { 2 => (4, 14), 3 => (5, 18), _ => (3, 10) };
        var sizes = Head(block, head) >> 4;
        _count = Checked((int)(sizes & ((1UL << width) - 1)));
        var length = (int)((sizes >> width) & ((1UL << width) - 1));
        if (head + length > block.Length)
        {
            throw new InvalidDataException("Literals are cut off.");
        }

        var streams = block.Slice(head, length);
        if (hasCode)
        {
            _code = HuffmanTable.Read(streams, out var used);
            streams = streams[used..];
        }

        var code = _code ?? throw new InvalidDataException("Literals want the code of a block before, and there is none.");
        if (form == 0)
        {
            code.Decode(streams, _bytes.AsSpan(0, _count));
        }
        else
        {
            DecodeFour(code, streams);
        }

        return head + length;
    }

    private void DecodeFour(HuffmanTable code, ReadOnlySpan<byte> streams)
    {
        const int jumps = 6;
        var each = (_count + 3) / 4;
        if (streams.Length < jumps || 3 * each > _count)
        {
            throw new InvalidDataException("Four streams of literals are too short.");
        }

        var (at, to) = (jumps, 0);
        for (var stream = 0; stream < 4; stream++)
        {
            var length = stream < 3 ? BinaryPrimitives.ReadUInt16LittleEndian(streams[(2 * stream)..]) : streams.Length - at;
            if (length > streams.Length - at)
            {
                throw new InvalidDataException("Four streams of literals are cut off.");
            }

            var count = stream < 3 ? each : _count - to;
            code.Decode(streams.Slice(at, length), _bytes.AsSpan(to, count));
            (at, to) = (at + length, to + count);
        }
    }

    private static ulong Head(ReadOnlySpan<byte> block, int count)
    {
        var value = 0UL;
        for (var index = 0; index < count; index++)
        {
            value |= (ulong)(index < block.Length ? block[index] : throw new InvalidDataException("Literals are cut off.")) << (8 * index);
        }

        return value;
    }

    private static int Checked(int count) => count <= ZstandardStream.MostBlock ? count : throw new InvalidDataException("A block has too many literals.");
}
