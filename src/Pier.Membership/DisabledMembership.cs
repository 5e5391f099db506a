using System.Runtime.CompilerServices;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Membership.Client;
using Pier.Membership.Holdings;
using Pier.Membership.Identity;
using Pier.Membership.Members;
using Pier.Membership.NodePort;
using Pier.Membership.Turns;

namespace Pier.Membership;

/// <summary>A node that takes part in no cluster: nobody to ask, and every turn is its own.</summary>
public sealed class DisabledMembership(Member self) : IMembership, INodeClient, ITurns, IHoldings
{
    /// <inheritdoc/>
    public MemberSnapshot Current { get; } = MemberSnapshot.Alone(self);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> SwarmKey => default;

    /// <inheritdoc/>
    public async IAsyncEnumerable<MemberSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Current;
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Member> ClaimedBy(Digest sha256) => [];

    /// <inheritdoc/>
    public void Add(Digest sha256)
    {
        // Nobody is to be told.
    }

    /// <inheritdoc/>
    public void Remove(Digest sha256)
    {
        // Nobody is to be told.
    }

    /// <inheritdoc/>
    public Task ReplaceAsync(Func<Task<IReadOnlyCollection<Digest>>> look) => Task.CompletedTask;

    /// <inheritdoc/>
    public IAsyncEnumerable<MemberHolding> WhoHasAsync(BlobName name, TimeSpan patience, CancellationToken cancellationToken) =>
        AsyncEnumerable.Empty<MemberHolding>();

    /// <inheritdoc/>
    public Task<NodeHolding?> GetHoldingAsync(Member member, BlobName name, CancellationToken cancellationToken) =>
        throw Nobody(member);

    /// <inheritdoc/>
    public Task<ProvisionalOffer?> AskInvitationAsync(Member member, BlobName name, TimeSpan? patience, CancellationToken cancellationToken) =>
        throw Nobody(member);

    /// <inheritdoc/>
    public Task<MemberStream> OpenRangeAsync(Member member, BlobName name, long offset, long? length, TimeSpan? patience, CancellationToken cancellationToken) =>
        throw Nobody(member);

    /// <inheritdoc/>
    public Task<ManifestDocument?> GetManifestAsync(Member member, BlobName name, CancellationToken cancellationToken) =>
        throw Nobody(member);

    /// <inheritdoc/>
    public Task<TagRecord?> GetTagAsync(Member member, RepositoryName repository, string tag, CancellationToken cancellationToken) =>
        throw Nobody(member);

    /// <inheritdoc/>
    public Task<ManifestDocument?> FindManifestAsync(BlobName name, TimeSpan patience, CancellationToken cancellationToken) =>
        Task.FromResult<ManifestDocument?>(null);

    /// <inheritdoc/>
    public Task<MemberTag?> FindTagAsync(RepositoryName repository, string tag, TimeSpan patience, CancellationToken cancellationToken) =>
        Task.FromResult<MemberTag?>(null);

    /// <inheritdoc/>
    public Task<TurnAnswer> AskAsync(BlobRequest request, NodeId? unreachable, CancellationToken cancellationToken) =>
        Task.FromResult<TurnAnswer>(new TurnAnswer.Granted(Timeout.InfiniteTimeSpan));

    /// <inheritdoc/>
    public Task<bool> RenewAsync(Digest digest, long progress, bool isWaiting, CancellationToken cancellationToken) => Task.FromResult(true);

    /// <inheritdoc/>
    public Task ReleaseAsync(Digest digest, TurnOutcome outcome, CancellationToken cancellationToken) => Task.CompletedTask;

    private static MemberException Nobody(Member member) =>
        new(member, MemberFailure.Refused, "this node is in no cluster.");
}
