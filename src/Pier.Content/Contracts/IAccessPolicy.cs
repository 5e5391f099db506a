using Pier.Content.References;

namespace Pier.Content.Contracts;

/// <summary>The one judge of who may have what, asked at every door (design §4, "Policy").</summary>
public interface IAccessPolicy
{
    /// <summary>May this door serve the blob, asked for under that repository (null: by digest alone)?</summary>
    ValueTask<bool> MayServeAsync(Digest digest, RepositoryName? under, Door door, CancellationToken cancellationToken);

    /// <summary>May this door tell what a repository has: its tags, and what refers to its manifests?</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="target">A tag or digest of it, to ask its registry about.</param>
    /// <param name="door">The door.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<bool> MayListAsync(RepositoryName repository, string target, Door door, CancellationToken cancellationToken);

    /// <summary>True when a blob is not public, and more is known of it than that a URI brought it.</summary>
    bool IsClosed(Digest digest);

    /// <summary>Remembers that the operator brought these blobs under a repository's name, without a finding about whether it is public.</summary>
    ValueTask NameAsync(RepositoryName repository, IReadOnlyCollection<Digest> blobs, CancellationToken cancellationToken);

    /// <summary>Remembers that a repository, proved public or private, names these blobs.</summary>
    ValueTask RecordAsync(RepositoryName repository, bool isPublic, IReadOnlyCollection<Digest> blobs, CancellationToken cancellationToken);
}
