using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Provisional;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Fetch.Delivery;
using Pier.Fetch.Policy;
using Pier.Fetch.Sources.Swarms;
using Pier.Membership;
using Pier.Membership.Client;
using Pier.Membership.Members;
using Pier.Store.Partial;

namespace Pier.Fetch.Provisional;

/// <summary>
/// Provisional pieces (design §4): a blob spreads among the members while the holder of its turn still downloads it. One swarm
/// a blob; after the seal it serves who is late, on the connections that are there, until nobody is.
/// </summary>
internal sealed class ProvisionalDesk(
    BitTorrentEngine engine, IContentStore store, IAccessPolicy policy, RendezvousNames names, IMembership membership, FetchOptions options, TimeProvider time, ILogger<ProvisionalDesk> log)
    : IAsyncDisposable
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestLinger = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<Digest, ProvisionalEntry> _entries = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _sweeping = Task.CompletedTask;

    /// <summary>Starts to end swarms that nobody needs any more.</summary>
    public void Start() => _sweeping = Task.Run(SweepAsync, CancellationToken.None);

    /// <summary>Begins to pass on what this node downloads under a turn; null when policy, size or the lack of members forbid it.</summary>
    public async ValueTask<HeldPieces?> HoldAsync(BlobRequest request, PartialBlob blob, CancellationToken cancellationToken)
    {
        if (!CanSpread(request.Digest, blob.Length)
            || !await policy.MayServeAsync(request.Digest, under: null, Door.Swarm, cancellationToken)
            || membership.Current is not { Live.IsEmpty: false, Self.PeerEndpoint: not null })
        {
            return null;
        }
        var entry = new ProvisionalEntry(blob.Length);
        var spec = Spec(request.Digest, blob.Length, entry.Claim) with { KeyOf = entry.KeyOf };
        var storage = new ProvisionalStorage(store, request.Digest, blob.ReadableRanges, blob.ReadPresent, static (_, _, _) => ValueTask.CompletedTask);
        var swarm = await BeginAsync(request.Digest, entry, SwarmSpec.For(spec, Opens(storage)), cancellationToken);
        return new HeldPieces(blob, swarm, () => Release(entry));
    }

    /// <summary>An invitation for a member that follows this node; null when the blob is not passed on in pieces here.</summary>
    public ProvisionalOffer? Invite(Digest digest) =>
        _entries.TryGetValue(digest, out var entry) && entry is { ReleasedAt: null, Swarm.Spec.Provisional.Vouches: true } ? entry.Invite() : null;

    /// <summary>Whether a holder of a turn is worth asking for an invitation; whether the blob is public is for it to say.</summary>
    public bool CanFollow(BlobRequest request, Member holder) =>
        holder.PeerEndpoint is not null && CanSpread(request.Digest, request.Size ?? options.LeastProvisional);

    /// <summary>Whether an invitation can be believed: it is of the size that is asked for, and of one that pieces are passed on of.</summary>
    public bool CanFollow(BlobRequest request, ProvisionalOffer invitation) =>
        (request.Size is null || request.Size == invitation.Size) && CanSpread(request.Digest, invitation.Size);

    /// <summary>
    /// Fills a blob from the pieces that its holder vouches for. Returns when nothing is missing, and also when the pieces stand
    /// still or the holder has gone, so that the rest is had otherwise.
    /// </summary>
    /// <exception cref="ContentException">The disk refused.</exception>
    public async Task FollowAsync(Digest digest, ProvisionalOffer invitation, Member holder, IPartialSink sink, CancellationToken cancellationToken)
    {
        // Who invites to pieces vouches that the blob is public, as who tells its info-hashes does.
        await policy.RecordAsync(AccessRecords.Vouched, isPublic: true, [digest], cancellationToken);
        var entry = new ProvisionalEntry(invitation.Size);
        var spec = Spec(digest, invitation.Size, invitation.Claim) with { Name = invitation.Name, Key = invitation.Key };
        var storage = new ProvisionalStorage(
            store, digest, sink.ReadableRanges, sink.ReadPresent,
            (offset, bytes, token) => sink.WriteAsync(offset, bytes, SourceTrust.AtOnce, SourceKind.Swarm, token));
        var swarm = await BeginAsync(
            digest, entry,
            SwarmSpec.For(spec, Opens(storage)) with { Peers = [holder.PeerEndpoint!], Priority = SwarmUrgency.Of(sink.Priority) }, cancellationToken);
        try
        {
            var end = await new PieceFollower(swarm, holder.PeerEndpoint!, Others, sink, options, time).RunAsync(cancellationToken);
            LogMessages.PiecesFollowed(log, digest, holder.Name, end);
        }
        catch (BitTorrentException failure)
        {
            throw failure.InnerException as ContentException
                ?? new ContentUnavailableException($"the provisional pieces failed: {failure.Message}", failure);
        }
        finally
        {
            Release(entry);
        }
    }

    /// <summary>Ends the pieces of a blob that turned out false.</summary>
    public async Task DropAsync(Digest digest)
    {
        if (_entries.TryRemove(digest, out var entry) && entry.Swarm is { } swarm)
        {
            await engine.RemoveAsync(swarm);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await _stop.CancelAsync();
            await _sweeping;
            foreach (var digest in _entries.Keys)
            {
                await DropAsync(digest);
            }
            _stop.Dispose();
        }
    }

    private IEnumerable<IPEndPoint> Others() => membership.Current.Live.Select(member => member.PeerEndpoint).OfType<IPEndPoint>();

    private static StorageFactory Opens(ITorrentStorage storage) => (_, _) => ValueTask.FromResult(storage);

    private bool CanSpread(Digest digest, long size) =>
        size >= options.LeastProvisional && ProvisionalSpec.Fits(size) && digest.Algorithm == DigestAlgorithm.Sha256 && names.OfCluster(digest) is not null;

    private ProvisionalSpec Spec(Digest digest, long size, ReadOnlyMemory<byte> claim) => new()
    {
        RendezvousId = names.OfCluster(digest) ?? throw new ContentUnavailableException("this node has left its cluster"),
        Sha256Hex = digest.Hex,
        Size = size,
        Claim = claim,
    };

    private async ValueTask<Swarm> BeginAsync(Digest digest, ProvisionalEntry entry, SwarmSpec spec, CancellationToken cancellationToken)
    {
        await DropAsync(digest);
        var swarm = entry.Swarm = await engine.AddAsync(spec, cancellationToken);
        _entries[digest] = entry;
        return swarm;
    }

    private void Release(ProvisionalEntry entry) => entry.ReleasedAt = entry.LastPeerAt = time.GetTimestamp();

    private async Task SweepAsync()
    {
        using var tick = new PeriodicTimer(SweepEvery, time);
        try
        {
            while (await tick.WaitForNextTickAsync(_stop.Token))
            {
                foreach (var (digest, entry) in _entries)
                {
                    if (entry.ReleasedAt is not null && await IsOverAsync(digest, entry))
                    {
                        await DropAsync(digest);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The node is stopping.
        }
    }

    private async ValueTask<bool> IsOverAsync(Digest digest, ProvisionalEntry entry)
    {
        if (entry.Swarm is { Statistics.Peers.Count: > 0 } && await store.StatAsync(digest, _stop.Token) is not null)
        {
            entry.LastPeerAt = time.GetTimestamp();
        }
        return time.GetElapsedTime(entry.LastPeerAt!.Value) > Linger || time.GetElapsedTime(entry.ReleasedAt!.Value) > LongestLinger;
    }
}
