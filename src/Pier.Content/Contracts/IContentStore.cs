namespace Pier.Content.Contracts;

/// <summary>What this node holds, sealed: every blob here has been proved against its digest.</summary>
public interface IContentStore
{
    /// <summary>What is known of a blob, or null when it is not held. Does not count as use.</summary>
    ValueTask<BlobInfo?> StatAsync(Digest digest, CancellationToken cancellationToken);

    /// <summary>Opens a blob, or null when it is not held. Counts as use; the blob outlives its removal while open.</summary>
    ValueTask<IContentReader?> OpenAsync(Digest digest, CancellationToken cancellationToken);

    /// <summary>
    /// Every blob held, each once and under its SHA-256 name, in no order; a blob removed meanwhile may or may not appear.
    /// </summary>
    IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Starts writing a blob. With <paramref name="expected"/> null the digest is SHA-256 of whatever comes;
    /// with <paramref name="size"/> given (bytes), one byte more is refused.
    /// </summary>
    ValueTask<IContentIngest> IngestAsync(Digest? expected, long? size, CancellationToken cancellationToken);

    /// <summary>Removes a blob under all its names; false when it was not held.</summary>
    /// <exception cref="ContentInUseException">It is pinned or leased.</exception>
    ValueTask<bool> RemoveAsync(Digest digest, CancellationToken cancellationToken);

    /// <summary>Marks a blob as never to be evicted; survives restarts. False when it is not held.</summary>
    ValueTask<bool> PinAsync(Digest digest, CancellationToken cancellationToken);

    /// <summary>Takes a pin back; false when there was none.</summary>
    ValueTask<bool> UnpinAsync(Digest digest, CancellationToken cancellationToken);

    /// <summary>Keeps blobs, held now or later, from eviction and removal until disposed; ends with the process.</summary>
    IDisposable Lease(IReadOnlyCollection<Digest> digests);
}
