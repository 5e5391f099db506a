using Pier.BitTorrent.Storage;
using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Fetch.Seeding;

/// <summary>
/// A sealed blob as a torrent's disk: nothing to hash, nothing to write. The file is opened by the first peer that
/// asks and closed when none has asked for a while, so that thousands of seeds cost no descriptors.
/// </summary>
internal sealed class SealedTorrentStorage(IContentStore store, Digest digest, long size) : ITorrentStorage
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private IContentReader? _reader;
    private int _readers;
    private bool _used;

    /// <summary>Length of the blob in bytes.</summary>
    public long Size => size;

    /// <inheritdoc/>
    public bool IsSealed => true;

    /// <inheritdoc/>
    public IReadOnlyList<ByteRange> Held => [new ByteRange(0, size)];

    /// <inheritdoc/>
    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var reader = await RentAsync(cancellationToken);
        try
        {
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
        finally
        {
            Interlocked.Decrement(ref _readers);
        }
    }

    /// <summary>Closes the file when nobody has read since the last call.</summary>
    public async ValueTask CloseIfIdleAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!_used && Volatile.Read(ref _readers) == 0 && _reader is { } idle)
            {
                _reader = null;
                await idle.DisposeAsync();
            }
            _used = false;
        }
        finally
        {
            _gate.Release();
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

    private async ValueTask<IContentReader> RentAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            _reader ??= await store.OpenAsync(digest, cancellationToken)
                ?? throw new ContentNotFoundException($"{digest} is not held any more.");
            _used = true;
            Interlocked.Increment(ref _readers);
            return _reader;
        }
        finally
        {
            _gate.Release();
        }
    }
}
