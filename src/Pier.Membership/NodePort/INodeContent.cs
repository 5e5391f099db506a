using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Membership.Client;

namespace Pier.Membership.NodePort;

/// <summary>
/// What the node port serves to members; what is private only under a repository that has it, or by digest alone (design §4). Delivery implements it; answers
/// come from this node alone and start no fetch.
/// </summary>
public interface INodeContent
{
    /// <summary>What this node has of a blob, or null.</summary>
    ValueTask<NodeHolding?> FindAsync(BlobName name, CancellationToken cancellationToken);

    /// <summary>
    /// Opens a blob that is sealed, or that arrives from a source this node vouches for; null when it has
    /// neither. Reads of an arriving blob wait for more and throw when its fetch fails.
    /// </summary>
    ValueTask<IContentReader?> OpenAsync(BlobName name, CancellationToken cancellationToken);

    /// <summary>
    /// Invites a member to the pieces of a blob that this node downloads under a turn (design §4), with a name and key of its
    /// own for each call; null when they are not passed on in pieces. The download is as urgent from now on as the member says. Waits
    /// for the blob's size.
    /// </summary>
    ValueTask<ProvisionalOffer?> InviteAsync(BlobName name, CancellationToken cancellationToken);

    /// <summary>A manifest held here, or null.</summary>
    ValueTask<ManifestDocument?> GetManifestAsync(BlobName name, CancellationToken cancellationToken);

    /// <summary>What this node last knew of a tag, or null.</summary>
    ValueTask<TagRecord?> GetTagAsync(RepositoryName repository, string tag, CancellationToken cancellationToken);
}
