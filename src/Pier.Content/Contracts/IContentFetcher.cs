namespace Pier.Content.Contracts;

/// <summary>Delivery as the services see it: give me this blob, from wherever it is best had.</summary>
public interface IContentFetcher
{
    /// <summary>
    /// Opens a blob: from the store when held, else by joining or starting the one fetch of this digest.
    /// Returns once a source has accepted and the size is known (design §3.4).
    /// </summary>
    /// <exception cref="ContentNotFoundException">Every source that could know says that it does not exist.</exception>
    /// <exception cref="ContentUnavailableException">No source could be reached or accepted.</exception>
    /// <exception cref="ContentDeniedException">The upstream refused the credentials, or policy forbids it.</exception>
    ValueTask<IContentReader> OpenAsync(BlobRequest request, CancellationToken cancellationToken);

    /// <summary>Size of a blob without fetching it: store, members, then upstream HEAD. Null when nobody has it.</summary>
    ValueTask<long?> StatAsync(BlobRequest request, CancellationToken cancellationToken);
}
