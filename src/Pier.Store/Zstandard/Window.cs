namespace Pier.Store.Zstandard;

/// <summary>What a frame brought last: sequences refer to it, and what is new of it is read out. A ring that grows to the frame's window.</summary>
internal sealed class Window
{
    private const int Smallest = 1 << 18;

    private byte[] _ring = new byte[Smallest];
    private long _size;
    private long _written;
    private long _taken;
    private long _limit;

    /// <summary>Bytes that were written and not taken.</summary>
    public int Ready => (int)(_written - _taken);

    /// <summary>A frame begins.</summary>
    /// <param name="size">How far back it may refer, in bytes.</param>
    public void Begin(long size) => (_size, _written, _taken, _limit) = (size, 0, 0, 0);

    /// <summary>A block begins, which brings so many bytes at most. Everything before has been taken.</summary>
    public void BeginBlock(int most)
    {
        _limit = _written + most;
        // What may be referred to, and a block that has not been read.
        var wanted = Math.Min(_size + ZstandardStream.MostBlock, _limit);
        if (wanted <= _ring.Length)
        {
            return;
        }

        // Nothing has wrapped before it is as large as it will ever be: until then everything written is in it.
        var larger = new byte[Math.Min(Math.Max(wanted, 2L * _ring.Length), _size + ZstandardStream.MostBlock)];
        _ring.AsSpan(0, (int)_written).CopyTo(larger);
        _ring = larger;
    }

    /// <summary>Adds bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Admit(bytes.Length);
        while (bytes.Length > 0)
        {
            var at = (int)(_written % _ring.Length);
            var part = Math.Min(bytes.Length, _ring.Length - at);
            bytes[..part].CopyTo(_ring.AsSpan(at));
            bytes = bytes[part..];
            _written += part;
        }
    }

    /// <summary>Adds one byte, so many times.</summary>
    public void Fill(byte value, int count)
    {
        Admit(count);
        for (; count > 0; count--)
        {
            _ring[_written++ % _ring.Length] = value;
        }
    }

    /// <summary>Adds bytes that came so far back; they may reach into themselves.</summary>
    public void Repeat(long offset, int count)
    {
        Admit(count);
        if (offset > Math.Min(_written, _size))
        {
            throw new InvalidDataException("A sequence goes back too far.");
        }

        var (from, to) = ((int)((_written - offset) % _ring.Length), (int)(_written % _ring.Length));
        _written += count;
        if (offset >= count && from + count <= _ring.Length && to + count <= _ring.Length)
        {
            _ring.AsSpan(from, count).CopyTo(_ring.AsSpan(to));
            return;
        }

        for (; count > 0; count--)
        {
            _ring[to] = _ring[from];
            from = from + 1 == _ring.Length ? 0 : from + 1;
            to = to + 1 == _ring.Length ? 0 : to + 1;
        }
    }

    /// <summary>Takes what is new.</summary>
    public int Take(Span<byte> into)
    {
        var at = (int)(_taken % _ring.Length);
        var count = Math.Min(Math.Min(into.Length, Ready), _ring.Length - at);
        _ring.AsSpan(at, count).CopyTo(into);
        _taken += count;
        return count;
    }

    private void Admit(int count)
    {
        if (count > _limit - _written)
        {
            throw new InvalidDataException("A block is larger than blocks may be.");
        }
    }
}
