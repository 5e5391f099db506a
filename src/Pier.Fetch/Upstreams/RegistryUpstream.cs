using System.Text;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Distribution;
using Pier.Distribution.Errors;

namespace Pier.Fetch.Upstreams;

/// <summary>The registries themselves, each by its own client.</summary>
internal sealed class RegistryUpstream(UpstreamClients clients) : IUpstream
{
    private static readonly byte[] NoReferrers = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[]}""");

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
    public async Task<ReferrersPage> ListReferrersAsync(RepositoryName repository, Digest subject, string query, CancellationToken cancellationToken)
    {
        var client = For(repository);
        try
        {
            return await client.ListReferrersAsync(repository, subject, query, cancellationToken);
        }
        catch (ContentException refusal) when (refusal is ContentNotFoundException || refusal.InnerException is UpstreamException { Status: 400 or 405 or 406 })
        {
            // Registries without this list: clients keep it under a tag there (OCI distribution-spec, "Referrers Tag Schema").
        }
        try
        {
            var (document, _) = await client.GetManifestAsync(repository, ReferrersTag(subject), cancellationToken);
            return new ReferrersPage(document.MediaType == MediaTypes.OciIndex ? document.Content : NoReferrers);
        }
        catch (ContentNotFoundException)
        {
            return new ReferrersPage(NoReferrers);
        }
    }

    /// <inheritdoc/>
    public Task<bool> IsPublicAsync(RepositoryName repository, string target, CancellationToken cancellationToken) =>
        For(repository).IsPublicAsync(repository, target, cancellationToken);

    /// <summary>At most 64 characters of the digest's own part.</summary>
    private static string ReferrersTag(Digest subject) => $"{subject.ToString().Split(':')[0]}-{(subject.Hex.Length > 64 ? subject.Hex[..64] : subject.Hex)}";

    /// <summary>This node's own names mean nothing to a registry, and whoever registered them there must not answer for them (design §3.1).</summary>
    private UpstreamClient For(RepositoryName repository) => LocalNames.IsLocal(repository)
        ? throw new ContentNotFoundException($"{repository.Path} is a repository of one node, and no registry is asked for it. Push to it or import into it, and pull it from that node's own door.")
        : clients.For(repository);
}
