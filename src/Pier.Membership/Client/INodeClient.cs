using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Membership.Members;
using Pier.Membership.NodePort;

namespace Pier.Membership.Client;

/// <summary>What this node asks of other members over their node ports.</summary>
public interface INodeClient
{
    /// <summary>
    /// Asks the live members who has a blob, and yields the answers as they come: at once all those whose summaries say that they
    /// have it, and the rest when none of them does. Ends when all have answered or after <paramref name="patience"/>; a member that
    /// fails is one that has not answered.
    /// </summary>
    IAsyncEnumerable<MemberHolding> WhoHasAsync(BlobName name, TimeSpan patience, CancellationToken cancellationToken);

    /// <summary>Asks one member what it has of a blob; null when nothing.</summary>
    /// <exception cref="MemberException">The member failed.</exception>
    Task<NodeHolding?> GetHoldingAsync(Member member, BlobName name, CancellationToken cancellationToken);

    /// <summary>
    /// Opens a range of a blob that a member has or is fetching. The stream follows a blob that still arrives
    /// there; it fails promptly when the member's fetch fails or the connection breaks, and after
    /// <see cref="MembershipOptions.StallAfter"/> without a byte.
    /// </summary>
    /// <remarks>A member that is waited for longer than that must live meanwhile, as the heartbeats tell.</remarks>
    /// <param name="member">Whom to ask.</param>
    /// <param name="name">The blob.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Number of bytes, at least 1, cut at the blob's end; null for all the rest.</param>
    /// <param name="patience">
    /// How long its answer may take, and the first byte after that, because it may itself wait for an upstream; null as long as any byte.
    /// </param>
    /// <param name="cancellationToken">Ends the wait for the answer; reads take their own token.</param>
    /// <exception cref="MemberException">It cannot be had there; also thrown by reads of the stream.</exception>
    Task<MemberStream> OpenRangeAsync(Member member, BlobName name, long offset, long? length, TimeSpan? patience, CancellationToken cancellationToken);

    /// <summary>
    /// Asks the holder of a turn for an invitation to the pieces of a blob that it still downloads (design §4); null when it
    /// does not pass them on so. Tells it, too, how urgent the blob is here, and may be asked again when that has changed. Waits for
    /// its upstream's word on the size as <see cref="OpenRangeAsync"/> waits for an answer.
    /// </summary>
    /// <exception cref="MemberException">The member failed.</exception>
    Task<ProvisionalOffer?> AskInvitationAsync(Member member, BlobName name, TimeSpan? patience, CancellationToken cancellationToken);

    /// <summary>A manifest by digest, checked against it; null when the member does not have it.</summary>
    /// <exception cref="MemberException">The member failed, or sent other bytes.</exception>
    Task<ManifestDocument?> GetManifestAsync(Member member, BlobName name, CancellationToken cancellationToken);

    /// <summary>What a member last knew of a tag; null when nothing.</summary>
    /// <exception cref="MemberException">The member failed.</exception>
    Task<TagRecord?> GetTagAsync(Member member, RepositoryName repository, string tag, CancellationToken cancellationToken);

    /// <summary>Asks all live members at once for a manifest; the first whose bytes match its digest wins. Null after <paramref name="patience"/>.</summary>
    Task<ManifestDocument?> FindManifestAsync(BlobName name, TimeSpan patience, CancellationToken cancellationToken);

    /// <summary>Asks all live members at once for a tag; of those that answer within <paramref name="patience"/> the newest <see cref="TagRecord.When"/> wins.</summary>
    Task<MemberTag?> FindTagAsync(RepositoryName repository, string tag, TimeSpan patience, CancellationToken cancellationToken);
}
