namespace Pier.Engines.Containers;

/// <summary>Cuts a stream into lines, each a JSON text (an engine's events come so), none longer than a bound.</summary>
internal sealed class JsonLines(Stream stream, int longest)
{
    private byte[] _buffer = new byte[16 << 10];
    private int _start;
    private int _end;

    /// <summary>The next line, valid until the next call; null at the end.</summary>
    /// <exception cref="IOException">A line is too long, or the stream broke.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        var searched = _start;
        while (true)
        {
            var line = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (line >= 0)
            {
                var found = _buffer.AsMemory(_start, searched + line - _start);
                _start = searched + line + 1;
                if (found.Span.Trim("\r \t"u8).IsEmpty)
                {
                    searched = _start;
                    continue;
                }

                return found;
            }

            searched = MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0)
            {
                return null;
            }

            _end += read;
        }
    }

    /// <summary>Moves what is left to the front, or takes a larger buffer; returns where to go on searching.</summary>
    private int MakeRoom()
    {
        var left = _end - _start;
        if (left >= longest)
        {
            throw new IOException($"a line of more than {longest} bytes");
        }

        var target = left > _buffer.Length / 2 ? new byte[Math.Min(longest, _buffer.Length * 2)] : _buffer;
        _buffer.AsSpan(_start, left).CopyTo(target);
        (_buffer, _start, _end) = (target, 0, left);
        return left;
    }
}
