using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;

namespace Pier.Fetch.Policy;

/// <summary>Says who may have bytes that came here for somebody else.</summary>
internal interface IShareRights
{
    /// <summary>
    /// True when who is asking now may have the blob under that repository, however it came here. What is not here yet, and is not
    /// known to belong to the repository, is not its to have: a registry's word alone shows nothing.
    /// </summary>
    /// <exception cref="ContentUnavailableException">A client's own login cannot be proved now.</exception>
    ValueTask<bool> MayShareAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken);
}
