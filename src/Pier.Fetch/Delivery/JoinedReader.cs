using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Fetch.Delivery;

/// <summary>
/// A client's part in a fetch whose right to the blob is not shown yet: it gets what its own repository sends it. From the moment
/// on in which bytes may have come for somebody else it gets none before the whole is there, and then only if it may have it.
/// </summary>
/// <param name="reader">What arrives.</param>
/// <param name="fetch">The fetch.</param>
/// <param name="asker">The client.</param>
/// <param name="judge">Says whether the client may have the blob, which the store holds.</param>
internal sealed class JoinedReader(IContentReader reader, BlobFetch fetch, Asker asker, Func<CancellationToken, ValueTask<bool>> judge) : IContentReader
{
    private volatile bool _isShown;

    /// <inheritdoc/>
    public Digest Digest => reader.Digest;

    /// <inheritdoc/>
    public long Length => reader.Length;

    /// <inheritdoc/>
    public bool IsSealed => reader.IsSealed;

    /// <inheritdoc/>
    public async ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = await reader.ReadAtAsync(offset, buffer, cancellationToken);
        // Asked after the read: the fetch may have gone on to another repository meanwhile.
        if (!_isShown && !fetch.IsFor(asker))
        {
            await ShowAsync(cancellationToken);
        }
        return read;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => reader.DisposeAsync();

    private async Task ShowAsync(CancellationToken cancellationToken)
    {
        await fetch.Ended.WaitAsync(cancellationToken);
        if (fetch.Failure is { } failure)
        {
            throw new ContentUnavailableException($"The fetch of {Digest} that others began failed: {failure.Message}", failure);
        }
        _isShown = await judge(cancellationToken)
            ? true
            : throw new ContentDeniedException($"{Digest} came here for others, and {asker.Repository} does not give access to it.");
    }
}
