using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Membership.Client;
using Pier.Membership.Identity;
using Pier.Membership.Members;
using Pier.Membership.NodePort;

namespace Pier.UnitTests.Fetch.Manifests;

/// <summary>Members that say what a test tells them to.</summary>
internal sealed class FakeMembers : INodeClient
{
    public static Member Someone { get; } = new(
        default(NodeId), "someone", new IPEndPoint(IPAddress.Loopback, 5059), new IPEndPoint(IPAddress.Loopback, 5056), default, Liveness.Live);

    public Dictionary<Digest, ManifestDocument> Manifests { get; } = [];

    public Dictionary<string, TagRecord> Tags { get; } = new(StringComparer.Ordinal);

    public List<NodeHolding> Holdings { get; } = [];

    /// <summary>The blobs whose ranges were asked for.</summary>
    public ConcurrentQueue<BlobName> Asked { get; } = new();

    /// <summary>The blobs to whose pieces an invitation was asked for.</summary>
    public ConcurrentQueue<BlobName> Invited { get; } = new();

    /// <summary>How long ranges and invitations were waited for.</summary>
    public ConcurrentQueue<TimeSpan?> Patiences { get; } = new();

    /// <summary>Completes when who asked for a range may hear that there is none.</summary>
    public Task RangesAnswer { get; init; } = Task.CompletedTask;

    public async IAsyncEnumerable<MemberHolding> WhoHasAsync(
        BlobName name, TimeSpan patience, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var holding in Holdings)
        {
            await Task.Yield();
            yield return new MemberHolding(Someone, holding);
        }
    }

    public Task<NodeHolding?> GetHoldingAsync(Member member, BlobName name, CancellationToken cancellationToken) =>
        Task.FromResult(Holdings.FirstOrDefault());

    public Task<ProvisionalOffer?> AskInvitationAsync(Member member, BlobName name, TimeSpan? patience, CancellationToken cancellationToken)
    {
        Invited.Enqueue(name);
        Patiences.Enqueue(patience);
        return Task.FromResult<ProvisionalOffer?>(null);
    }

    public async Task<MemberStream> OpenRangeAsync(Member member, BlobName name, long offset, long? length, TimeSpan? patience, CancellationToken cancellationToken)
    {
        Asked.Enqueue(name);
        Patiences.Enqueue(patience);
        await RangesAnswer.WaitAsync(cancellationToken);
        throw new MemberException(member, MemberFailure.NotHeld, "has nothing");
    }

    public Task<ManifestDocument?> GetManifestAsync(Member member, BlobName name, CancellationToken cancellationToken) =>
        Task.FromResult(Manifests.GetValueOrDefault(name.Digest));

    public Task<TagRecord?> GetTagAsync(Member member, RepositoryName repository, string tag, CancellationToken cancellationToken) =>
        Task.FromResult(Tags.GetValueOrDefault(tag));

    public Task<ManifestDocument?> FindManifestAsync(BlobName name, TimeSpan patience, CancellationToken cancellationToken) =>
        Task.FromResult(Manifests.GetValueOrDefault(name.Digest));

    public Task<MemberTag?> FindTagAsync(RepositoryName repository, string tag, TimeSpan patience, CancellationToken cancellationToken) =>
        Task.FromResult(Tags.TryGetValue(tag, out var record) ? new MemberTag(Someone, record) : null);
}
