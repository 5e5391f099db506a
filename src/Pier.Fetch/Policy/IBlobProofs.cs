using Pier.Content;
using Pier.Content.References;

namespace Pier.Fetch.Policy;

/// <summary>
/// Hears that a repository has a blob itself, by its upstream's own word. Manifests only claim it: whoever can publish one
/// can name any digest in it. Says who may read a repository.
/// </summary>
internal interface IBlobProofs
{
    /// <summary>The repository's upstream has begun to send what it says is the blob, which proves nothing before the digest is checked.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="blob">The blob.</param>
    /// <param name="wasAnonymous">True when it was asked without credentials, which proves the repository public.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask AnsweredAsync(RepositoryName repository, Digest blob, bool wasAnonymous, CancellationToken cancellationToken);

    /// <summary>The repository's upstream has the blob.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="blob">The blob.</param>
    /// <param name="wasAnonymous">True when it was had without credentials, which proves the repository public.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask ProveAsync(RepositoryName repository, Digest blob, bool wasAnonymous, CancellationToken cancellationToken);

    /// <summary>A member says that a repository names these blobs.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="isVouched">It says, too, that the repository is public.</param>
    /// <param name="blobs">The blobs.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask HearAsync(RepositoryName repository, bool isVouched, IReadOnlyCollection<Digest> blobs, CancellationToken cancellationToken);

    /// <summary>The repository's upstream answered who is asking now.</summary>
    void Reached(RepositoryName repository);

    /// <summary>True when who is asking now may read the repository, by its upstream's word.</summary>
    /// <exception cref="ContentUnavailableException">A client's own login cannot be proved now.</exception>
    ValueTask<bool> MayReadAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken);

    /// <summary>True when the repository is known to be public.</summary>
    bool IsPublic(RepositoryName repository);
}
