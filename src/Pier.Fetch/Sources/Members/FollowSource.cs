using Pier.Content.Contracts;
using Pier.Fetch.Delivery;
using Pier.Fetch.Provisional;
using Pier.Membership.Client;
using Pier.Membership.Members;

namespace Pier.Fetch.Sources.Members;

/// <summary>
/// The holder of a turn, to be followed while it downloads: in pieces that go on from member to member (design §4), and in
/// ranges over its node port where there are none or they stand still (design §3.6 c).
/// </summary>
/// <param name="client">The way to other nodes.</param>
/// <param name="member">The holder.</param>
/// <param name="patience">How long its first answer may take, which is that of its upstream; null when it has it all.</param>
/// <param name="desk">Passes pieces on.</param>
/// <param name="time">The clock.</param>
internal sealed class FollowSource(INodeClient client, Member member, TimeSpan? patience, ProvisionalDesk desk, TimeProvider time) : IContentSource, IMemberBacked
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly MemberSource _ranges = new(client, member, size: null, patience);
    private ProvisionalOffer? _invitation;

    /// <inheritdoc/>
    public Member Member => member;

    /// <inheritdoc/>
    public SourceKind Kind => SourceKind.Member;

    /// <inheritdoc/>
    public async ValueTask<ContentOffer?> ProbeAsync(BlobRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (desk.CanFollow(request, member))
        {
            _invitation = await AskAsync(request, sink: null, cancellationToken);
        }
        return _invitation is { } invitation
            ? new ContentOffer(member.Name, request, invitation.Size, SourceTrust.AtOnce)
            : await _ranges.ProbeAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task FetchAsync(ContentOffer offer, IContentSink sink, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(sink);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var hurrying = HurryAsync(offer.Request, sink as IPartialSink, ended.Token);
        try
        {
            if (_invitation is { } invitation && sink is IPartialSink partial)
            {
                await desk.FollowAsync(offer.Request.Digest, invitation, member, partial, cancellationToken);
            }
            if (sink.NextMissing(0, 1) is not null)
            {
                await _ranges.FetchAsync(offer, sink, cancellationToken);
            }
        }
        finally
        {
            await ended.CancelAsync();
            await hurrying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A holder that was asked for what nobody waited for is told when somebody does.</summary>
    private async Task HurryAsync(BlobRequest request, IPartialSink? sink, CancellationToken cancellationToken)
    {
        if (sink is null || request.Priority > FetchPriority.Background)
        {
            return;
        }
        using var tick = new PeriodicTimer(LookEvery, time);
        while (sink.Priority == FetchPriority.Background)
        {
            await tick.WaitForNextTickAsync(cancellationToken);
        }
        await AskAsync(request, sink, cancellationToken);
    }

    private async Task<ProvisionalOffer?> AskAsync(BlobRequest request, IPartialSink? sink, CancellationToken cancellationToken)
    {
        try
        {
            var invitation = await client.AskInvitationAsync(member, MemberSource.NameOf(request, sink), patience, cancellationToken);
            return invitation is not null && desk.CanFollow(request, invitation) ? invitation : null;
        }
        catch (MemberException failure) when (failure.Failure != MemberFailure.Unreachable)
        {
            // The ranges are asked for next, and their failure says why.
            return null;
        }
    }
}
