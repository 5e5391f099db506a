using Pier.Content.References;

namespace Pier.Content.Contracts;

/// <summary>Manifests and tags as the services see them (design §3.2).</summary>
public interface IManifestFetcher
{
    /// <summary>
    /// Resolves a tag: one HEAD upstream per pull, digests compared; when the upstream fails or takes more than
    /// 2 s, the last known answer of this node or a member, with <see cref="ManifestDocument.Warning"/> set.
    /// </summary>
    /// <exception cref="ContentNotFoundException">The upstream says there is no such tag.</exception>
    /// <exception cref="ContentUnavailableException">Upstream silent and nobody remembers the tag.</exception>
    /// <exception cref="ContentDeniedException">The upstream refused the credentials.</exception>
    ValueTask<ManifestDocument> ByTagAsync(RepositoryName repository, string tag, CancellationToken cancellationToken);

    /// <summary>A manifest by digest: store, members, upstream.</summary>
    /// <exception cref="ContentNotFoundException">No one has it.</exception>
    /// <exception cref="ContentUnavailableException">No source could be reached.</exception>
    /// <exception cref="ContentDeniedException">The upstream refused the credentials.</exception>
    ValueTask<ManifestDocument> ByDigestAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken);

    /// <summary>The tags list of the upstream, passed through, with its <c>Link</c> header's next page if any.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="count">The client's <c>n</c>, or null.</param>
    /// <param name="last">The client's <c>last</c>, or null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<TagPage> ListTagsAsync(RepositoryName repository, int? count, string? last, CancellationToken cancellationToken);

    /// <summary>
    /// What refers to a manifest, as the upstream lists it, or keeps it under the subject's tag where it has no such list; the last
    /// known answer when it is silent, with <see cref="ReferrersPage.Warning"/> set.
    /// </summary>
    /// <param name="repository">The repository.</param>
    /// <param name="subject">The manifest that is referred to.</param>
    /// <param name="query">The client's query, without the question mark; may be empty.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ContentUnavailableException">Upstream silent, and this node was never told.</exception>
    /// <exception cref="ContentDeniedException">The upstream refused the credentials.</exception>
    ValueTask<ReferrersPage> ListReferrersAsync(RepositoryName repository, Digest subject, string query, CancellationToken cancellationToken);
}
