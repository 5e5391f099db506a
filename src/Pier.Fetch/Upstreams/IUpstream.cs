using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution;

namespace Pier.Fetch.Upstreams;

/// <summary>
/// What delivery asks of the registries that images name. Every failure is a <see cref="ContentException"/>:
/// not found, denied, or unavailable for what may pass.
/// </summary>
internal interface IUpstream
{
    /// <summary>What a tag or digest names now, by one HEAD.</summary>
    Task<ManifestHead> HeadManifestAsync(RepositoryName repository, string target, CancellationToken cancellationToken);

    /// <summary>A manifest by digest, checked against it.</summary>
    Task<UpstreamManifest> GetManifestAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken);

    /// <summary>Opens a blob from an offset to its end.</summary>
    Task<UpstreamBlob> OpenBlobAsync(RepositoryName repository, Digest digest, long offset, CancellationToken cancellationToken);

    /// <summary>Length of a blob by one HEAD; null when the repository does not have it.</summary>
    Task<long?> SizeOfAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken);

    /// <summary>One page of a repository's tags.</summary>
    Task<TagPage> ListTagsAsync(RepositoryName repository, int? count, string? last, CancellationToken cancellationToken);

    /// <summary>What refers to a manifest; an empty list where the upstream knows of nothing.</summary>
    Task<ReferrersPage> ListReferrersAsync(RepositoryName repository, Digest subject, string query, CancellationToken cancellationToken);

    /// <summary>True when an anonymous token and HEAD succeed (design §4).</summary>
    Task<bool> IsPublicAsync(RepositoryName repository, string target, CancellationToken cancellationToken);
}
