using Pier.Content.Contracts;
using Pier.Fetch.Delivery;
using Pier.Membership.Client;
using Pier.Membership.Members;

namespace Pier.Fetch.Sources.Members;

/// <summary>
/// A member over its node port: sealed blobs, and blobs that still arrive there, whose bytes it vouches for
/// (design §3.6 c).
/// </summary>
/// <param name="client">The way to other nodes.</param>
/// <param name="member">Whom to ask.</param>
/// <param name="size">Length in bytes by its word; null for one that is followed, which has not said yet.</param>
/// <param name="patience">How long its answers may take when it waits for its upstream itself; null when it does not.</param>
internal sealed class MemberSource(INodeClient client, Member member, long? size, TimeSpan? patience) : IContentSource, IMemberBacked
{
    /// <inheritdoc/>
    public Member Member => member;

    /// <inheritdoc/>
    public SourceKind Kind => SourceKind.Member;

    /// <inheritdoc/>
    public async ValueTask<ContentOffer?> ProbeAsync(BlobRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (size is { } known)
        {
            return new ContentOffer(member.Name, request, known, SourceTrust.AtOnce);
        }

        // The holder of a turn may not know the size itself yet; its answer waits for that.
        await using var first = await client.OpenRangeAsync(member, NameOf(request, sink: null), 0, null, patience, cancellationToken);
        return new ContentOffer(member.Name, request, first.BlobLength, SourceTrust.AtOnce);
    }

    /// <inheritdoc/>
    public Task FetchAsync(ContentOffer offer, IContentSink sink, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(offer);
        return RangePump.RunAsync(
            async (range, token) => await client.OpenRangeAsync(member, NameOf(offer.Request, sink), range.Offset, range.Length, patience, token),
            sink, offer.Trust, Kind, cancellationToken);
    }

    /// <summary>The blob as a member is asked for it: as urgent as it is here now.</summary>
    /// <param name="request">What was asked for at first.</param>
    /// <param name="sink">Knows who waits by now; null while there is none.</param>
    public static BlobName NameOf(BlobRequest request, IContentSink? sink) =>
        new(request.Digest, request.Origin, ((sink as IPartialSink)?.Priority ?? request.Priority) == FetchPriority.Background);
}
