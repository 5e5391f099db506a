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
/// <param name="spoiled">Told once when it is not there any more as it was, or cannot be read.</param>
internal sealed class ProvedStorage(ProvedData data, IDataFiles files, Action<string> spoiled) : ITorrentStorage
{
    private volatile Place _place = new(files, spoiled);

    /// <inheritdoc/>
    public bool IsSealed => true;

    /// <inheritdoc/>
    public IReadOnlyList<ByteRange> Held => [new ByteRange(0, data.Torrent.Layout.SpaceLength)];

    /// <summary>Reads elsewhere from now on; the files before are the caller's to close.</summary>
    /// <param name="files">Where it lies now.</param>
    /// <param name="spoiled">Told once when it is not there any more as it was, or cannot be read.</param>
    public void Move(IDataFiles files, Action<string> spoiled) => _place = new Place(files, spoiled);

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
        var place = _place;
        var keyed = ArrayPool<byte>.Shared.Rent(BlockSeals.KeySize + BlockSeals.BlockSize);
        try
        {
            while (!destination.IsEmpty)
            {
                var block = offset / BlockSeals.BlockSize;
                var start = block * BlockSeals.BlockSize;
                var size = (int)Math.Min(BlockSeals.BlockSize, length - start);
                await FillAsync(place, name, start, keyed.AsMemory(BlockSeals.KeySize, size), cancellationToken);
                if (!data.Seals.Check(name, block, keyed.AsSpan(0, BlockSeals.KeySize + size)))
                {
                    throw place.Spoil($"{Told(name)} has changed at byte {start}");
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

    private static string Told(string name) => name.Length == 0 ? "it" : name;

    private async ValueTask FillAsync(Place place, string name, long offset, Memory<byte> block, CancellationToken cancellationToken)
    {
        for (var done = 0; done < block.Length;)
        {
            int read;
            try
            {
                read = await place.Files.ReadAsync(name, offset + done, block[done..], cancellationToken);
            }
            catch (IOException broken) when (_place == place)
            {
                throw place.Spoil($"{Told(name)} cannot be read: {broken.Message}", broken);
            }

            done += read > 0 ? read : throw place.Spoil($"{Told(name)} ends at byte {offset + done}");
        }
    }

    /// <summary>Files, and who is told once that they are not what they were.</summary>
    private sealed class Place(IDataFiles files, Action<string> spoiled)
    {
        private int _isSpoiled;

        public IDataFiles Files { get; } = files;

        public IOException Spoil(string how, Exception? cause = null)
        {
            if (Interlocked.Exchange(ref _isSpoiled, 1) == 0)
            {
                spoiled(how);
            }

            return new IOException(how, cause);
        }
    }
}
