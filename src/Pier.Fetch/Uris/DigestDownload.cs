using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Content.Uris;
using Pier.Fetch.Delivery;
using Pier.Fetch.Status;

namespace Pier.Fetch.Uris;

/// <summary>A blob by its digest, from the store, from members or, where a repository is named, from its upstream.</summary>
internal sealed class DigestDownload(ContentFetcher contents, IContentStore store) : IUriHandler
{
    /// <inheritdoc/>
    public bool Handles(ContentUri uri) => uri is DigestUri;

    /// <inheritdoc/>
    public Task<Download> GetAsync(ContentUri uri, DownloadPlan plan, IProgress<PartProgress> progress, CancellationToken cancellationToken) =>
        GetAsync(((DigestUri)uri).Digest, origin: null, plan.Folder, progress, cancellationToken);

    /// <summary>Writes the blob as a file named by its hex digits.</summary>
    public async Task<Download> GetAsync(
        Content.Digest digest, RepositoryName? origin, string folder, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        progress.Report(new PartProgress(digest.ToString(), digest.Short, PartState.Running, 0, 0, SourceBytes.None));
        using var lease = store.Lease([digest]);
        var delivery = await contents.CompleteAsync(new BlobRequest(digest, origin, Priority: FetchPriority.Command), cancellationToken);
        await using var reader = await store.OpenAsync(digest, cancellationToken)
            ?? throw new ContentUnavailableException($"{digest} left the store before it could be written. Try again.");
        await BlobCopy.ToFileAsync(reader, Path.Combine(folder, digest.Hex), cancellationToken);

        var sources = delivery?.Sources ?? SourceBytes.None with { Cache = reader.Length };
        progress.Report(new PartProgress(
            digest.ToString(), digest.Short, delivery is null ? PartState.Held : PartState.Done, reader.Length, reader.Length, sources));
        return new Download(digest.Hex, IsSingleFile: true, [new DownloadedFile(digest.Hex, reader.Length, IsExecutable: false)], sources);
    }
}
