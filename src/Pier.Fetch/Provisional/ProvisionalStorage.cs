using Pier.BitTorrent.Storage;
using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Fetch.Provisional;

/// <summary>An arriving blob as the disk of its provisional pieces; once it is sealed, the store's file, so that whoever is late gets the rest.</summary>
/// <param name="store">Holds it after the seal.</param>
/// <param name="digest">The blob.</param>
/// <param name="held">What may be shown now.</param>
/// <param name="read">Reads what has arrived; 0 when it is not there any more.</param>
/// <param name="write">Takes proved pieces.</param>
internal sealed class ProvisionalStorage(
    IContentStore store, Digest digest, Func<IReadOnlyList<ByteRange>> held, ProvisionalStorage.ReadArrived read, ProvisionalStorage.WriteProved write)
    : ITorrentStorage
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile IContentReader? _sealed;

    /// <summary>Reads bytes that have arrived.</summary>
    public delegate int ReadArrived(long offset, Span<byte> buffer);

    /// <summary>Takes a proved piece.</summary>
    public delegate ValueTask WriteProved(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public bool IsSealed => false;

    /// <inheritdoc/>
    public IReadOnlyList<ByteRange> Held => held();

    /// <inheritdoc/>
    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        for (var done = 0; done < destination.Length;)
        {
            var part = destination[done..];
            var count = _sealed is null ? read(offset + done, part.Span) : 0;
            if (count == 0)
            {
                count = await (await OpenAsync(cancellationToken)).ReadAtAsync(offset + done, part, cancellationToken);
            }
            done += count > 0 ? count : throw new ContentStorageException($"Byte {offset + done} of {digest} was asked for by a member and is not here any more.");
        }
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> verified, CancellationToken cancellationToken) => write(offset, verified, cancellationToken);

    /// <inheritdoc/>
    public ValueTask CompleteAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await (_sealed?.DisposeAsync() ?? ValueTask.CompletedTask);
        _gate.Dispose();
    }

    private async ValueTask<IContentReader> OpenAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _sealed ??= await store.OpenAsync(digest, cancellationToken)
                ?? throw new ContentStorageException($"{digest} was given up while a member asked for it.");
        }
        finally
        {
            _gate.Release();
        }
    }
}
