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

    /// <summary>
    /// True when who is asking now may wait, as long as that right cannot be judged, for the whole: the repository's own registry says
    /// that it has a blob of this digest and length, and is to show it then.
    /// </summary>
    /// <exception cref="ContentUnavailableException">That registry says nothing now.</exception>
    ValueTask<bool> MayAwaitAsync(RepositoryName repository, Digest digest, long length, CancellationToken cancellationToken);
}
