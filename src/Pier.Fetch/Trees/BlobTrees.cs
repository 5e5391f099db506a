using Pier.Content.Contracts;
using Pier.Content.Uris;

namespace Pier.Fetch.Trees;

/// <summary>A blob by its digest as a tree of one file, named by its hex digits.</summary>
internal sealed class BlobTrees(IContentFetcher contents, IContentStore store) : ITreeHandler
{
    /// <inheritdoc/>
    public bool Handles(ContentUri uri) => uri is DigestUri;

    /// <inheritdoc/>
    public async ValueTask<IArrivingTree> OpenAsync(ContentUri uri, TreeRequest request, CancellationToken cancellationToken)
    {
        var digest = ((DigestUri)uri).Digest;
        // Also when it is not here yet: what is shown must not be evicted.
        var lease = store.Lease([digest]);
        try
        {
            var length = await contents.StatAsync(new BlobRequest(digest), cancellationToken)
                ?? throw new ContentNotFoundException($"{digest}: neither this node nor any member has it.");
            return new ArrivingBlob(contents, store, new BlobRequest(digest, Size: length), lease);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }
}
