using Pier.BitTorrent;
using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Fetch.Delivery;

namespace Pier.Fetch.Sources.Swarms;

/// <summary>
/// A blob torrent's swarm. Under info-hashes that a member vouches for proved pieces are readable at once (design §3.6 b);
/// under a stranger's they wait for the seal.
/// </summary>
internal sealed class SwarmSource(BitTorrentEngine engine, SwarmClaim claim, ITorrentNotes notes, TimeProvider time) : IContentSource
{
    /// <summary>How far ahead of the most urgent reader pieces are fetched before all others.</summary>
    private const long WindowLength = 16 << 20;

    private static readonly TimeSpan SteerEvery = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public SourceKind Kind => SourceKind.Swarm;

    /// <inheritdoc/>
    public ValueTask<ContentOffer?> ProbeAsync(BlobRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult<ContentOffer?>(new ContentOffer(claim.ToString(), request, claim.Size, claim.Trust));

    /// <inheritdoc/>
    public async Task FetchAsync(ContentOffer offer, IContentSink sink, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(sink);
        var digest = offer.Request.Digest;
        var storage = new SinkTorrentStorage(sink, offer.Trust);
        var spec = new SwarmSpec
        {
            Id = claim.Id,
            Peers = [.. claim.Peers],
            Priority = SwarmUrgency.Of(offer.Request.Priority),
            Storage = (metainfo, _) => BlobTorrent.Problem(metainfo, digest.Hex, claim.Size) is { } problem
                ? throw new ContentMismatchException($"the torrent {claim.Id} is not that of {digest}: {problem}")
                : ValueTask.FromResult<ITorrentStorage>(storage),
        };
        var swarm = await engine.AddAsync(spec, cancellationToken);
        if (!ReferenceEquals(swarm.Spec, spec))
        {
            throw new ContentUnavailableException($"the torrent {claim.Id.Primary} is being downloaded here by another command");
        }
        try
        {
            await SteerUntilCompleteAsync(swarm, sink, cancellationToken);
            if (storage.Held.Count == 0 && offer.Trust == SourceTrust.AtOnce)
            {
                await notes.NoteAsync(digest, await swarm.MetadataAsync(cancellationToken), cancellationToken);
            }
        }
        catch (BitTorrentException failure)
        {
            throw failure.InnerException as ContentException
                ?? new ContentUnavailableException($"the swarm {claim.Id.Primary} failed: {failure.Message}", failure);
        }
        finally
        {
            await engine.RemoveAsync(swarm);
        }
    }

    /// <summary>Moves the swarm's priority window with the reader that waits most urgently.</summary>
    private async Task SteerUntilCompleteAsync(Swarm swarm, IContentSink sink, CancellationToken cancellationToken)
    {
        using var window = swarm.Prioritise(Ahead(sink));
        using var tick = new PeriodicTimer(SteerEvery, time);
        var urgency = new SwarmUrgency(swarm, sink as IPartialSink);
        var seen = 0L;
        while (!swarm.Completion.IsCompleted)
        {
            urgency.Look();
            window.MoveTo(Ahead(sink));
            var downloaded = swarm.Statistics.Downloaded;
            if (downloaded > seen)
            {
                (sink as IPartialSink)?.Sign(downloaded - seen);
                seen = downloaded;
            }
            await Task.WhenAny(swarm.Completion, tick.WaitForNextTickAsync(cancellationToken).AsTask());
            cancellationToken.ThrowIfCancellationRequested();
        }
        await swarm.Completion;
    }

    private static ByteRange Ahead(IContentSink sink)
    {
        var from = Math.Min(sink.Wanted, sink.Length);
        return new ByteRange(from, Math.Min(WindowLength, sink.Length - from));
    }
}
