using System.Collections.Concurrent;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Membership.Client;
using Pier.Membership.NodePort;

namespace Pier.UnitTests.Membership;

/// <summary>What a test node serves, in memory.</summary>
internal sealed class MemoryNodeContent : INodeContent
{
    private int _asked;
    private int _opened;

    public ConcurrentDictionary<Digest, GrowingBlob> Blobs { get; } = new();

    public ConcurrentDictionary<Digest, ManifestDocument> Manifests { get; } = new();

    public ConcurrentDictionary<string, TagRecord> Tags { get; } = new(StringComparer.Ordinal);

    /// <summary>When set, who-has questions wait for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>When set, ranges and invitations wait for it, as those of one whose upstream is silent do.</summary>
    public Task Upstream { get; set; } = Task.CompletedTask;

    /// <summary>How often a range or an invitation was asked for.</summary>
    public int Opened => Volatile.Read(ref _opened);

    public GrowingBlob Add(byte[] bytes, int readable)
    {
        var blob = new GrowingBlob(bytes, readable);
        Blobs[blob.Digest] = blob;
        return blob;
    }

    /// <summary>The repository that the last question named.</summary>
    public RepositoryName? LastUnder { get; private set; }

    /// <summary>How often it was asked what it has.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public async ValueTask<NodeHolding?> FindAsync(BlobName name, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asked);
        LastUnder = name.Under;
        await Gate.WaitAsync(cancellationToken);
        return Blobs.TryGetValue(name.Digest, out var blob)
            ? new NodeHolding(blob.IsSealed ? HoldingState.Sealed : HoldingState.Arriving, blob.Length, new string('1', 40), new string('2', 64), blob.Readable)
            : null;
    }

    public async ValueTask<IContentReader?> OpenAsync(BlobName name, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _opened);
        await Upstream.WaitAsync(cancellationToken);
        return Blobs.GetValueOrDefault(name.Digest);
    }

    /// <summary>What it invites members to.</summary>
    public ConcurrentDictionary<Digest, ProvisionalOffer> Invitations { get; } = new();

    /// <summary>Whether who asked for an invitation last said that nobody waits.</summary>
    public bool? LastAhead { get; private set; }

    public async ValueTask<ProvisionalOffer?> InviteAsync(BlobName name, CancellationToken cancellationToken)
    {
        LastAhead = name.IsAhead;
        Interlocked.Increment(ref _opened);
        await Upstream.WaitAsync(cancellationToken);
        return Invitations.GetValueOrDefault(name.Digest);
    }

    public ValueTask<ManifestDocument?> GetManifestAsync(BlobName name, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Manifests.GetValueOrDefault(name.Digest));

    public ValueTask<TagRecord?> GetTagAsync(RepositoryName repository, string tag, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Tags.GetValueOrDefault($"{repository}:{tag}"));
}
