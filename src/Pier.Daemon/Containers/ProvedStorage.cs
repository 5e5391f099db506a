using System.Buffers;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Torrents;
using Pier.Content;

namespace Pier.Daemon.Containers;

/// <summary>
/// Proved content as a torrent's disk, read where it lies: each block is compared with what was proved before a byte of it goes
/// out. The place may change, from one container to another.
/// </summary>
/// <param name="data">The content.</param>
/// <param name="files">Where it lies.</param>
/// <param name="spoiled">Told once when it is not there any more as it was.</param>
internal sealed class ProvedStorage(ProvedData data, IDataFiles files, Action<string> spoiled) : ITorrentStorage
{
    private volatile IDataFiles _files = files;
    private int _isSpoiled;

    /// <inheritdoc/>
    public bool IsSealed => true;

    /// <inheritdoc/>
    public IReadOnlyList<ByteRange> Held => [new ByteRange(0, data.Torrent.Layout.SpaceLength)];

    /// <summary>Reads elsewhere from now on; the files are the caller's to close.</summary>
    public void Move(IDataFiles place)
    {
        _files = place;
        Volatile.Write(ref _isSpoiled, 0);
    }

    /// <inheritdoc/>
    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        foreach (var slice in data.Torrent.Layout.Slices(offset, destination.Length))
        {
            var part = destination[..(int)slice.Length];
            var file = data.Torrent.Files[slice.FileIndex];
            if (file.IsPadding)
            {
                part.Span.Clear();
            }
            else
            {
                await ReadAsync(data.Torrent.IsSingleFile ? "" : file.RelativePath, file.Length, slice.FileOffset, part, cancellationToken);
            }

            destination = destination[part.Length..];
        }
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> verified, CancellationToken cancellationToken) =>
        throw new NotSupportedException("a container's files are never written");

    /// <inheritdoc/>
    public ValueTask CompleteAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async ValueTask ReadAsync(string name, long length, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var keyed = ArrayPool<byte>.Shared.Rent(BlockSeals.KeySize + BlockSeals.BlockSize);
        try
        {
            while (!destination.IsEmpty)
            {
                var block = offset / BlockSeals.BlockSize;
                var start = block * BlockSeals.BlockSize;
                var size = (int)Math.Min(BlockSeals.BlockSize, length - start);
                await FillAsync(name, start, keyed.AsMemory(BlockSeals.KeySize, size), cancellationToken);
                if (!data.Seals.Check(name, block, keyed.AsSpan(0, BlockSeals.KeySize + size)))
                {
                    throw Spoil($"{(name.Length == 0 ? "it" : name)} has changed at byte {start}");
                }

                var part = keyed.AsMemory(BlockSeals.KeySize, size)[(int)(offset - start)..];
                part = part[..Math.Min(part.Length, destination.Length)];
                part.CopyTo(destination);
                destination = destination[part.Length..];
                offset += part.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(keyed);
        }
    }

    private async ValueTask FillAsync(string name, long offset, Memory<byte> block, CancellationToken cancellationToken)
    {
        for (var done = 0; done < block.Length;)
        {
            var read = await _files.ReadAsync(name, offset + done, block[done..], cancellationToken);
            done += read > 0 ? read : throw Spoil($"{(name.Length == 0 ? "it" : name)} ends at byte {offset + done}");
        }
    }

    private IOException Spoil(string how)
    {
        if (Interlocked.Exchange(ref _isSpoiled, 1) == 0)
        {
            spoiled(how);
        }

        return new IOException(how);
    }
}
