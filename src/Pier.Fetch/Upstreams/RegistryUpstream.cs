using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution;

namespace Pier.Fetch.Upstreams;

/// <summary>The registries themselves, each by its own client.</summary>
internal sealed class RegistryUpstream(UpstreamClients clients) : IUpstream
{
    /// <inheritdoc/>
    public Task<ManifestHead> HeadManifestAsync(RepositoryName repository, string target, CancellationToken cancellationToken) =>
        For(repository).HeadManifestAsync(repository, target, cancellationToken);

    /// <inheritdoc/>
    public Task<UpstreamManifest> GetManifestAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken) =>
        For(repository).GetManifestAsync(repository, digest.ToString(), cancellationToken);

    /// <inheritdoc/>
    public Task<UpstreamBlob> OpenBlobAsync(RepositoryName repository, Digest digest, long offset, CancellationToken cancellationToken) =>
        For(repository).OpenBlobAsync(repository, digest, offset, length: null, cancellationToken);

    /// <inheritdoc/>
    public async Task<long?> SizeOfAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            return (await For(repository).HeadBlobAsync(repository, digest, cancellationToken)).Size;
        }
        catch (ContentNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public Task<TagPage> ListTagsAsync(RepositoryName repository, int? count, string? last, CancellationToken cancellationToken) =>
        For(repository).ListTagsAsync(repository, count, last, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> IsPublicAsync(RepositoryName repository, string target, CancellationToken cancellationToken) =>
        For(repository).IsPublicAsync(repository, target, cancellationToken);

    /// <summary>This node's own names mean nothing to a registry, and whoever registered them there must not answer for them (design §3.1).</summary>
    private UpstreamClient For(RepositoryName repository) => LocalNames.IsLocal(repository)
        ? throw new ContentNotFoundException($"{repository.Path} is a repository of one node, and no registry is asked for it. Push to it or import into it, and pull it from that node's own door.")
        : clients.For(repository);
}
