using Pier.Content;
using Pier.Content.References;

namespace Pier.Fetch.Policy;

/// <summary>
/// Hears that a repository has a blob itself, by its upstream's own word. Manifests only claim it: whoever can publish one
/// can name any digest in it.
/// </summary>
internal interface IBlobProofs
{
    /// <summary>The repository's upstream has the blob.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="blob">The blob.</param>
    /// <param name="wasAnonymous">True when it was had without credentials, which proves the repository public.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask ProveAsync(RepositoryName repository, Digest blob, bool wasAnonymous, CancellationToken cancellationToken);
}
