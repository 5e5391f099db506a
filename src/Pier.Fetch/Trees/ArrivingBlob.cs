using Pier.Content.Contracts;

namespace Pier.Fetch.Trees;

/// <summary>One blob shown as a tree.</summary>
internal sealed class ArrivingBlob : IArrivingTree
{
    private const int CopySize = 1 << 20;

    private readonly IContentFetcher _contents;
    private readonly IContentStore _store;
    private readonly BlobRequest _request;
    private readonly IDisposable _lease;

    public ArrivingBlob(IContentFetcher contents, IContentStore store, BlobRequest request, IDisposable lease)
    {
        _contents = contents;
        _store = store;
        _request = request;
        _lease = lease;
        Tree = new BlobTree(contents, request);
    }

    /// <inheritdoc/>
    public IContentTree Tree { get; }

    /// <inheritdoc/>
    public string? Folder => null;

    /// <inheritdoc/>
    public TreeArrival Arrival
    {
        get
        {
            var length = _request.Size ?? 0;
            // The store answers this from memory.
            var held = _store.StatAsync(_request.Digest, CancellationToken.None);
            return new TreeArrival(length, 2, held.IsCompletedSuccessfully && held.Result is not null ? length : 0, 0, _request.Digest.ToString());
        }
    }

    /// <inheritdoc/>
    public async Task WantAsync(string? pattern, CancellationToken cancellationToken)
    {
        await using var reader = await _contents.OpenAsync(_request with { Priority = FetchPriority.Background }, cancellationToken);
        var buffer = new byte[CopySize];
        for (var offset = 0L; offset < reader.Length;)
        {
            offset += await reader.ReadAtAsync(offset, buffer, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _lease.Dispose();
        return ValueTask.CompletedTask;
    }
}
