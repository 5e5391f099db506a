namespace Pier.Distribution;

/// <summary>An open blob of an upstream.</summary>
/// <param name="Stream">
/// The bytes from <paramref name="Offset"/> on. It throws <see cref="Pier.Content.Contracts.ContentUnavailableException"/>
/// when it stalls or breaks; the bytes are not checked against the digest.
/// </param>
/// <param name="Offset">Where the stream begins.</param>
/// <param name="TotalSize">Length of the whole blob in bytes.</param>
/// <param name="WasAnonymous">True when it was had without credentials: the repository is public.</param>
public sealed record UpstreamBlob(Stream Stream, long Offset, long TotalSize, bool WasAnonymous) : IAsyncDisposable
{
    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
