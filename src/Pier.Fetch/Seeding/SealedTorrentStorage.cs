using Pier.BitTorrent.Storage;
using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Fetch.Seeding;

/// <summary>
/// A sealed blob as a torrent's disk: nothing to hash, nothing to write. The file is opened by the first peer that asks, and
/// closed when the torrent rests again, so that thousands of seeds cost no descriptors.
/// </summary>
internal sealed class SealedTorrentStorage(IContentStore store, Digest digest, long size) : ITorrentStorage, ILentFile
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private IContentReader? _reader;

    /// <inheritdoc/>
    public bool IsSealed => true;

    /// <inheritdoc/>
    public IReadOnlyList<ByteRange> Held => [new ByteRange(0, size)];

    /// <inheritdoc/>
    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var reader = await OpenAsync(cancellationToken);
        for (var done = 0; done < destination.Length;)
        {
            var read = await reader.ReadAtAsync(offset + done, destination[done..], cancellationToken);
            if (read == 0)
            {
                throw new ContentStorageException($"{digest} ends at {offset + done} and should have {size} bytes.");
            }
            done += read;
        }
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> verified, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{digest} is sealed: nothing is written to it any more.");

    /// <inheritdoc/>
    public ValueTask CompleteAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_reader is { } open)
        {
            _reader = null;
            await open.DisposeAsync();
        }
        _gate.Dispose();
    }

    private async ValueTask<IContentReader> OpenAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            _reader ??= await store.OpenAsync(digest, cancellationToken)
                ?? throw new ContentNotFoundException($"{digest} is not held any more.");
            return _reader;
        }
        finally
        {
            _gate.Release();
        }
    }
}
