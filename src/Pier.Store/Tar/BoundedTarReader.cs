using System.Formats.Tar;
using System.Text;
using Pier.Content.Contracts;

namespace Pier.Store.Tar;

/// <summary>
/// Reads the entries of a tar from a stream, in order and once. The base library's reader allocates whatever length a header
/// claims for names and attributes; this one bounds names, entries and bytes, and writes nothing anywhere.
/// </summary>
internal sealed class BoundedTarReader(Stream input, TarLimits limits)
{
    private const int ScratchBytes = 64 << 10;

    /// <summary>Characters of a name that an error repeats.</summary>
    private const int LongName = 200;

    private readonly byte[] _block = new byte[TarHeader.BlockSize];
    private byte[]? _scratch;
    private int _headers;
    private long _total;
    private long _left;
    private long _padding;

    /// <summary>The next entry, or null at the end; what was not read of the one before is skipped.</summary>
    /// <exception cref="ContentFormatException">It is no tar, it is damaged or cut short, it breaks a bound, or the entry is a sparse file.</exception>
    public async ValueTask<TarMember?> NextAsync(CancellationToken cancellationToken)
    {
        var said = PaxRecords.None;
        while (true)
        {
            await SkipAsync(_left + _padding, cancellationToken);
            _left = _padding = 0;
            if (!await ReadBlockAsync(cancellationToken))
            {
                return null;
            }

            var header = TarHeader.Parse(_block);
            if (++_headers > limits.Headers)
            {
                throw new ContentFormatException($"The tar has more than {limits.Headers} entries.");
            }

            switch (header.Type)
            {
                case 'x':
                    said = said.With(await ReadExtensionAsync(header.Size, cancellationToken));
                    break;
                case 'g':
                    // What is said for all entries: comments, as git writes.
                    Begin(header.Size);
                    break;
                case 'L':
                    said = said with { Path = await ReadNameAsync(header.Size, cancellationToken) };
                    break;
                case 'K':
                    said = said with { LinkPath = await ReadNameAsync(header.Size, cancellationToken) };
                    break;
                default:
                    RefuseSparse(header, said);
                    Begin(header.IsHeaderOnly ? 0 : said.Size ?? header.Size);
                    return new TarMember(this, header, said, _left);
            }
        }
    }

    /// <summary>Reads on in the current file; 0 at its end.</summary>
    /// <exception cref="ContentFormatException">The tar is cut short.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_left == 0)
        {
            return 0;
        }

        var count = await input.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        _left -= count > 0 ? count : throw CutShort();
        return count;
    }

    /// <summary>What follows is not the file: holes are left out, and maps of them stand in its place or before it.</summary>
    private static void RefuseSparse(TarHeader header, PaxRecords said)
    {
        if (said.IsSparse || header.Kind == TarEntryType.SparseFile)
        {
            var name = said.Path ?? header.Name;
            throw new ContentFormatException($"The tar holds sparse files ({(name.Length > LongName ? name[..LongName] : name)}), which are not read.");
        }
    }

    private void Begin(long size)
    {
        if (size < 0 || size > limits.TotalBytes - _total)
        {
            throw new ContentFormatException($"The tar claims more than {limits.TotalBytes} bytes.");
        }

        _total += size;
        _left = size;
        _padding = (TarHeader.BlockSize - size % TarHeader.BlockSize) % TarHeader.BlockSize;
    }

    private async ValueTask<string> ReadNameAsync(long size, CancellationToken cancellationToken) =>
        Encoding.UTF8.GetString(await ReadExtensionAsync(size, cancellationToken)).TrimEnd('\0');

    private async ValueTask<byte[]> ReadExtensionAsync(long size, CancellationToken cancellationToken)
    {
        if (size > limits.Extension)
        {
            throw new ContentFormatException($"The tar has a name or header of {size} bytes; at most {limits.Extension} are read.");
        }

        Begin(size);
        var content = new byte[size];
        for (var read = 0; read < content.Length;)
        {
            read += await ReadAsync(content.AsMemory(read), cancellationToken);
        }

        return content;
    }

    /// <summary>False at the end: a block of zeros, or the end of the stream at a block's edge.</summary>
    private async ValueTask<bool> ReadBlockAsync(CancellationToken cancellationToken)
    {
        var read = await input.ReadAtLeastAsync(_block, _block.Length, throwOnEndOfStream: false, cancellationToken);
        if (read is > 0 and < TarHeader.BlockSize)
        {
            throw CutShort();
        }

        return read > 0 && _block.AsSpan().ContainsAnyExcept((byte)0);
    }

    private async ValueTask SkipAsync(long count, CancellationToken cancellationToken)
    {
        if (input.CanSeek)
        {
            input.Position += count <= input.Length - input.Position ? count : throw CutShort();
            return;
        }

        while (count > 0)
        {
            _scratch ??= new byte[ScratchBytes];
            var read = await input.ReadAsync(_scratch.AsMemory(0, (int)Math.Min(_scratch.Length, count)), cancellationToken);
            count -= read > 0 ? read : throw CutShort();
        }
    }

    private static ContentFormatException CutShort() => new("The tar is cut short.");
}
