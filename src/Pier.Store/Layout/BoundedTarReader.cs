using System.Text;
using Pier.Content.Contracts;

namespace Pier.Store.Layout;

/// <summary>
/// Reads the regular files of a tar from a stream, in order and once. The base library's reader allocates whatever
/// length a header claims for names; this one bounds names, entries and bytes, and writes nothing anywhere.
/// </summary>
internal sealed class BoundedTarReader(Stream input, LayoutLimits limits)
{
    private const int MaxExtension = 64 << 10;

    private readonly byte[] _block = new byte[TarHeader.BlockSize];
    private int _entries;
    private long _total;
    private long _left;
    private long _padding;

    /// <summary>The next regular file, or null at the end; what was not read of the one before is skipped.</summary>
    /// <exception cref="ContentFormatException">It is no tar, it is damaged or cut short, or it breaks a bound.</exception>
    public async ValueTask<(string Name, long Size)?> NextAsync(CancellationToken cancellationToken)
    {
        string? longName = null;
        long? longSize = null;
        while (true)
        {
            await SkipAsync(_left + _padding, cancellationToken);
            _left = _padding = 0;
            if (!await ReadBlockAsync(cancellationToken))
            {
                return null;
            }

            var header = TarHeader.Parse(_block);
            if (++_entries > limits.Entries)
            {
                throw new ContentFormatException($"The tar has more than {limits.Entries} entries.");
            }

            switch (header.Type)
            {
                case 'x':
                    var (path, size) = TarHeader.ParsePax(await ReadExtensionAsync(header.Size, cancellationToken));
                    longName = path ?? longName;
                    longSize = size ?? longSize;
                    break;
                case 'L':
                    longName = Encoding.UTF8.GetString(await ReadExtensionAsync(header.Size, cancellationToken)).TrimEnd('\0');
                    break;
                case var _ when header.IsRegularFile:
                    Begin(longSize ?? header.Size);
                    return (longName ?? header.Name, _left);
                default:
                    Begin(header.Size);
                    (longName, longSize) = (null, null);
                    break;
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

    private async ValueTask<byte[]> ReadExtensionAsync(long size, CancellationToken cancellationToken)
    {
        if (size > MaxExtension)
        {
            throw new ContentFormatException($"The tar has a name or header of {size} bytes; at most {MaxExtension} are read.");
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
        if (count == 0)
        {
            return;
        }

        var scratch = new byte[(int)Math.Min(count, 64 << 10)];
        while (count > 0)
        {
            var read = await input.ReadAsync(scratch.AsMemory(0, (int)Math.Min(scratch.Length, count)), cancellationToken);
            count -= read > 0 ? read : throw CutShort();
        }
    }

    private static ContentFormatException CutShort() => new("The tar is cut short.");
}
