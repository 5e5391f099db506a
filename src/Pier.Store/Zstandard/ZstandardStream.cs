using System.Buffers.Binary;

namespace Pier.Store.Zstandard;

/// <summary>
/// Reads what Zstandard has compressed (RFC 8878): any number of frames, no dictionaries. Nothing that a stranger writes makes it hold
/// more than the largest window that is allowed, and it never runs ahead of its reader by more than a block.
/// </summary>
/// <param name="source">The frames; stays open.</param>
/// <param name="mostWindow">The largest window in bytes that a frame may ask for.</param>
public sealed class ZstandardStream(Stream source, long mostWindow = ZstandardStream.UsualWindow) : Stream
{
    /// <summary>What the reference implementation takes without being told more: 128 MiB.</summary>
    public const long UsualWindow = 1L << 27;

    /// <summary>Most bytes that a block brings (RFC 8878 §3.1.1.2.4).</summary>
    internal const int MostBlock = 128 << 10;

    private const uint Magic = 0xFD2FB528;
    private const uint Skippable = 0x184D2A50;
    private const int SkippableMask = 0xF;
    private const int CompressedBlock = 2;

    private readonly Window _window = new();
    private readonly Literals _literals = new();
    private readonly Sequences _sequences = new();
    private readonly XxHash64 _hash = new();
    private readonly byte[] _block = new byte[MostBlock];
    private readonly byte[] _number = new byte[sizeof(ulong)];
    private bool _isInFrame;
    private bool _isLast;
    private bool _hasSum;
    private int _mostBlock;
    private long _promised;
    private long _brought;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException("Its length is not known.");

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException("It has no position.");
        set => throw new NotSupportedException("It has no position.");
    }

    /// <summary>Whether bytes begin like a frame.</summary>
    public static bool IsZstandard(ReadOnlySpan<byte> head) => head.Length >= sizeof(uint)
        && BinaryPrimitives.ReadUInt32LittleEndian(head) is var magic && (magic == Magic || (magic & ~SkippableMask) == Skippable);

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The frames are malformed, or want more than is allowed.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0 && _window.Ready == 0)
        {
            if (!_isInFrame)
            {
                if (!await BeginFrameAsync(cancellationToken))
                {
                    return 0;
                }
            }
            else if (_isLast)
            {
                await EndFrameAsync(cancellationToken);
            }
            else
            {
                await ReadBlockAsync(cancellationToken);
            }
        }

        var count = _window.Take(buffer.Span);
        _hash.Append(buffer.Span[..count]);
        return count;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("It is read asynchronously.");

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("It has no position.");

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException("It is only read.");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("It is only read.");

    /// <summary>False at the end of all frames.</summary>
    private async ValueTask<bool> BeginFrameAsync(CancellationToken cancellationToken)
    {
        var head = _number.AsMemory(0, sizeof(uint));
        var read = await source.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        if (read == 0)
        {
            return false;
        }

        var magic = read == head.Length ? BinaryPrimitives.ReadUInt32LittleEndian(head.Span) : 0;
        if ((magic & ~SkippableMask) == Skippable)
        {
            for (var left = (long)await NumberAsync(sizeof(uint), cancellationToken); left > 0; left -= Math.Min(left, MostBlock))
            {
                await FillAsync(_block.AsMemory(0, (int)Math.Min(left, MostBlock)), cancellationToken);
            }

            return true;
        }

        if (magic != Magic)
        {
            throw new InvalidDataException("These bytes are no Zstandard frame.");
        }

        await ReadHeaderAsync(cancellationToken);
        return true;
    }

    /// <summary>RFC 8878 §3.1.1.1.</summary>
    private async ValueTask ReadHeaderAsync(CancellationToken cancellationToken)
    {
        var descriptor = (int)await NumberAsync(1, cancellationToken);
        var isSingle = (descriptor & 0x20) != 0;
        if ((descriptor & 0x08) != 0)
        {
            throw new InvalidDataException("A frame has a reserved bit.");
        }

        var window = isSingle ? 0 : WindowOf((int)await NumberAsync(1, cancellationToken));
        if (await NumberAsync((descriptor & 3) switch { 3 => 4, var size => size }, cancellationToken) != 0)
        {
            throw new InvalidDataException("A frame wants a dictionary.");
        }

        var length = (descriptor >> 6) switch { 0 => isSingle ? 1 : 0, 1 => 2, 2 => 4, _ => 8 };
        var promised = await NumberAsync(length, cancellationToken) + (length == 2 ? 256UL : 0);
        _promised = length == 0 ? -1 : promised <= long.MaxValue ? (long)promised : throw new InvalidDataException("A frame is impossibly long.");
        window = isSingle ? _promised : window;
        if (window > mostWindow)
        {
            throw new InvalidDataException($"A frame wants a window of {window} bytes; {mostWindow} are the most.");
        }

        (_isInFrame, _isLast, _hasSum, _brought) = (true, false, (descriptor & 4) != 0, 0);
        _mostBlock = (int)Math.Min(window, MostBlock);
        _window.Begin(window);
        _literals.Reset();
        _sequences.Reset();
        _hash.Reset();
    }

    private static long WindowOf(int descriptor)
    {
        var least = 1L << (10 + (descriptor >> 3));
        return least + (least / 8 * (descriptor & 7));
    }

    private async ValueTask ReadBlockAsync(CancellationToken cancellationToken)
    {
        var header = (int)await NumberAsync(3, cancellationToken);
        var (kind, size) = ((header >> 1) & 3, header >> 3);
        if (kind > CompressedBlock || size > _mostBlock)
        {
            throw new InvalidDataException("A block is of no known kind, or too large.");
        }

        _isLast = (header & 1) != 0;
        _window.BeginBlock(_mostBlock);
        if (kind == 1)
        {
            _window.Fill((byte)await NumberAsync(1, cancellationToken), size);
        }
        else
        {
            var block = _block.AsMemory(0, size);
            await FillAsync(block, cancellationToken);
            if (kind == CompressedBlock)
            {
                var used = _literals.Read(block.Span);
                _sequences.Run(block.Span[used..], _literals.All, _window);
            }
            else
            {
                _window.Append(block.Span);
            }
        }

        _brought += _window.Ready;
        if (_promised >= 0 && _brought > _promised)
        {
            throw new InvalidDataException("A frame brings more than it said.");
        }
    }

    private async ValueTask EndFrameAsync(CancellationToken cancellationToken)
    {
        if (_promised >= 0 && _brought != _promised)
        {
            throw new InvalidDataException("A frame brings less than it said.");
        }

        if (_hasSum && await NumberAsync(sizeof(uint), cancellationToken) != (uint)_hash.Value)
        {
            throw new InvalidDataException("A frame's content does not match its checksum.");
        }

        _isInFrame = false;
    }

    /// <summary>A number of so many bytes, lowest first.</summary>
    private async ValueTask<ulong> NumberAsync(int size, CancellationToken cancellationToken)
    {
        Array.Clear(_number);
        await FillAsync(_number.AsMemory(0, size), cancellationToken);
        return BinaryPrimitives.ReadUInt64LittleEndian(_number);
    }

    private async ValueTask FillAsync(Memory<byte> bytes, CancellationToken cancellationToken)
    {
        if (await source.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken) < bytes.Length)
        {
            throw new InvalidDataException("A frame is cut off.");
        }
    }
}
