using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.InteropTests.Store;
using Pier.TestKit.Policies;
using Pier.TestKit.Stores;

namespace Pier.InteropTests.Registry;

/// <summary>Delivery of one image from a store, under any repository and tag.</summary>
internal sealed class StoreDelivery(MemoryContentStore store, StoredImage image) : FixedPolicy, IContentFetcher, IManifestFetcher
{
    public async ValueTask<IContentReader> OpenAsync(BlobRequest request, CancellationToken cancellationToken) =>
        await store.OpenAsync(request.Digest, cancellationToken) ?? throw new ContentNotFoundException($"no blob {request.Digest}");

    public async ValueTask<long?> StatAsync(BlobRequest request, CancellationToken cancellationToken) =>
        (await store.StatAsync(request.Digest, cancellationToken))?.Size;

    public ValueTask<ManifestDocument> ByTagAsync(RepositoryName repository, string tag, CancellationToken cancellationToken) =>
        ValueTask.FromResult(image.Manifest);

    public ValueTask<ManifestDocument> ByDigestAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken) =>
        digest == image.Manifest.Digest ? ValueTask.FromResult(image.Manifest) : throw new ContentNotFoundException($"no manifest {digest}");

    /// <summary>One tag a page, whatever the client asks for.</summary>
    public ValueTask<TagPage> ListTagsAsync(RepositoryName repository, int? count, string? last, CancellationToken cancellationToken) =>
        ValueTask.FromResult(last is null ? new TagPage(["1"], HasMore: true) : new TagPage(["2"], HasMore: false));

    public ValueTask<ReferrersPage> ListReferrersAsync(RepositoryName repository, Digest subject, string query, CancellationToken cancellationToken) =>
        throw new ContentNotFoundException("no referrers");
}
