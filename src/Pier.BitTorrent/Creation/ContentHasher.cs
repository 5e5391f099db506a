using System.Buffers;
using Pier.BitTorrent.Hashing;

namespace Pier.BitTorrent.Creation;

/// <summary>
/// Reads source files one after another and hashes them for v1, v2 or both. While one buffer is hashed, by two threads when
/// both generations are wanted, the next is read.
/// </summary>
internal sealed class ContentHasher(TorrentFormat format, int pieceLength, long totalLength, IProgress<TorrentCreationProgress>? progress) : IDisposable
{
    private const int BufferSize = 1 << 20;

    private readonly PieceListHasher? _v1 = format == TorrentFormat.V2 ? null : new PieceListHasher(pieceLength);
    private readonly FileTreeHasher? _v2 = format == TorrentFormat.V1 ? null : new FileTreeHasher(pieceLength);
    private readonly byte[][] _buffers = [ArrayPool<byte>.Shared.Rent(BufferSize), ArrayPool<byte>.Shared.Rent(BufferSize)];
    private long _hashed;

    /// <summary>Hashes one file; its tree, or null in a v1-only torrent.</summary>
    /// <exception cref="TorrentCreationException">The file cannot be read or changed its size.</exception>
    public async Task<FileTreeHash?> HashAsync(SourceFile source, CancellationToken cancellationToken)
    {
        try
        {
            if (source.Length > 0)
            {
                await HashContentAsync(source, cancellationToken).ConfigureAwait(false);
            }

            return _v2?.Finish();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TorrentCreationException(source.FullPath, error.Message, error);
        }
    }

    /// <summary>Adds the zeros of a padding file to the v1 pieces.</summary>
    public void HashPadding(long length)
    {
        var zeros = _buffers[0].AsSpan(0, (int)Math.Min(length, BufferSize));
        zeros.Clear();
        for (; length > 0; length -= zeros.Length)
        {
            zeros = zeros[..(int)Math.Min(length, zeros.Length)];
            _v1!.Append(zeros);
        }
    }

    /// <summary>The v1 <c>pieces</c> over everything hashed; null in a v2-only torrent.</summary>
    public ReadOnlyMemory<byte>? FinishPieces() => _v1?.Finish();

    public void Dispose()
    {
        _v1?.Dispose();
        _v2?.Dispose();
        foreach (var buffer in _buffers)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task HashContentAsync(SourceFile source, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(source.FullPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        var (current, next) = (_buffers[0], _buffers[1]);
        var read = await RandomAccess.ReadAsync(file, current.AsMemory(0, BufferSize), 0, cancellationToken).ConfigureAwait(false);
        long offset = 0;
        while (read > 0 && offset < source.Length)
        {
            offset += read;
            var reading = RandomAccess.ReadAsync(file, next.AsMemory(0, BufferSize), offset, cancellationToken).AsTask();
            await Task.WhenAll(reading, HashBufferAsync(current.AsMemory(0, read))).ConfigureAwait(false);
            _hashed += read;
            progress?.Report(new TorrentCreationProgress(_hashed, totalLength, string.Join('/', source.Path)));
            read = await reading.ConfigureAwait(false);
            (current, next) = (next, current);
        }

        if (read > 0 || offset != source.Length)
        {
            throw new TorrentCreationException(source.FullPath, $"its size changed from {source.Length} bytes while it was read");
        }
    }

    private async Task HashBufferAsync(ReadOnlyMemory<byte> bytes)
    {
        var v1 = _v1 is null ? Task.CompletedTask : Task.Run(() => _v1.Append(bytes.Span), CancellationToken.None);
        _v2?.Append(bytes.Span);
        await v1.ConfigureAwait(false);
    }
}
