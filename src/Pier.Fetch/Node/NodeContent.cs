using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Fetch.Delivery;
using Pier.Fetch.Manifests;
using Pier.Fetch.Policy;
using Pier.Fetch.Provisional;
using Pier.Fetch.Seeding;
using Pier.Membership.Client;
using Pier.Membership.NodePort;
using Pier.Store.Tags;
using TagRecord = Pier.Membership.Client.TagRecord;

namespace Pier.Fetch.Node;

/// <summary>
/// What members get of this node over the node port: sealed blobs, blobs that are arriving here (design §3.6 c),
/// manifests and tags. Starts no fetch.
/// </summary>
internal sealed class NodeContent(
    IContentStore store, FetchTable table, ContentFetcher fetcher, Seeder seeder, ManifestShelf manifests, ProvisionalDesk pieces, TagStore tags, IAccessPolicy policy, IBlobProofs proofs, FetchOptions options, TimeProvider time)
    : INodeContent
{
    /// <inheritdoc/>
    public async ValueTask<NodeHolding?> FindAsync(BlobName name, CancellationToken cancellationToken)
    {
        if (!await MayServeAsync(name, cancellationToken))
        {
            return null;
        }
        var digest = name.Digest;
        if (await store.StatAsync(digest, cancellationToken) is { } held)
        {
            var record = await seeder.FindAsync(held, cancellationToken);
            return new NodeHolding(HoldingState.Sealed, held.Size, record?.V1, record?.V2, held.Size);
        }
        return table.Find(digest) is { IsAccepted: true, Blob: { } blob }
            ? new NodeHolding(HoldingState.Arriving, blob.Length, InfoHashV1: null, InfoHashV2: null, blob.NextMissing(0, 1)?.Offset ?? blob.Length)
            : null;
    }

    /// <inheritdoc/>
    public async ValueTask<IContentReader?> OpenAsync(BlobName name, CancellationToken cancellationToken)
    {
        if (!await MayServeAsync(name, cancellationToken))
        {
            return null;
        }
        var digest = name.Digest;
        if (await store.OpenAsync(digest, cancellationToken) is { } held)
        {
            return held;
        }

        // A follower is often sent here before this node's own upstream has told the size.
        using var patience = new CancellationTokenSource(options.FirstByteTimeoutOf(name.Under?.Registry), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await fetcher.OpenArrivingAsync(new BlobRequest(digest, Priority: UrgencyOf(name)), token => JudgeAsync(name, token), both.Token);
        }
        catch (ContentException)
        {
            // The fetch failed before it had a byte to give; it has logged why.
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ProvisionalOffer?> InviteAsync(BlobName name, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.FirstByteTimeoutOf(name.Under?.Registry), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            // A follower is often sent here before this node's own upstream has told the size.
            if (table.Find(name.Digest) is not { IsSealed: false } fetch)
            {
                return null;
            }
            fetch.Demand.Press(UrgencyOf(name));
            if (await fetch.Accepted.WaitAsync(both.Token) < options.LeastProvisional)
            {
                return null;
            }
            await fetch.Torrent.Settled.WaitAsync(both.Token);
            return pieces.Invite(name.Digest);
        }
        catch (ContentException)
        {
            // The fetch failed; the ranges that are asked for next say why.
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ManifestDocument?> GetManifestAsync(BlobName name, CancellationToken cancellationToken) =>
        await MayServeAsync(name, cancellationToken) && await manifests.FindHeldAsync(name.Digest, cancellationToken) is { } held
            ? held with { IsVouched = name.Under is { } repository && proofs.IsPublic(repository) }
            : null;

    /// <inheritdoc/>
    public ValueTask<TagRecord?> GetTagAsync(RepositoryName repository, string tag, CancellationToken cancellationToken) =>
        ValueTask.FromResult(tags.Find(repository, tag) is { } known ? new TagRecord(known.Digest, known.MediaType, known.When) : null);

    /// <summary>Clients of this node itself steer the fetch; followers take what comes, and soon when somebody waits for them.</summary>
    private static FetchPriority UrgencyOf(BlobName name) => name.IsAhead ? FetchPriority.Background : FetchPriority.Command;

    /// <summary>A follower is told at once, and goes elsewhere.</summary>
    private async ValueTask<bool> JudgeAsync(BlobName name, CancellationToken cancellationToken) =>
        await MayServeAsync(name, cancellationToken)
            ? true
            : throw new ContentDeniedException($"{name.Digest} comes from a repository now under which this member did not ask for it.");

    private ValueTask<bool> MayServeAsync(BlobName name, CancellationToken cancellationToken) =>
        policy.MayServeAsync(name.Digest, name.Under, Door.NodePort, cancellationToken);
}
