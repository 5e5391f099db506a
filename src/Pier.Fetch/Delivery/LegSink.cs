using Pier.Content;
using Pier.Content.Contracts;
using Pier.Fetch.Provisional;
using Pier.Fetch.Seeding;
using Pier.Store.Partial;

namespace Pier.Fetch.Delivery;

/// <summary>The partial blob as one leg sees it: every byte is counted to that leg.</summary>
/// <param name="fetch">Who fetches it.</param>
/// <param name="blob">The blob.</param>
/// <param name="leg">What they are counted to.</param>
/// <param name="torrent">Hashes them meanwhile; null when their torrent is known.</param>
/// <param name="pieces">Passes them on to members while they arrive under a turn; null for none.</param>
/// <param name="clients">Those who wait for bytes of this fetch or another; null for nobody.</param>
internal sealed class LegSink(BlobFetch fetch, PartialBlob blob, Leg leg, ArrivingTorrent? torrent = null, HeldPieces? pieces = null, ClientsFirst? clients = null) : IPartialSink
{
    /// <summary>At most this much comes between two looks at those who wait.</summary>
    private const int YieldEvery = 256 << 10;

    // Only the pace of a courtesy: a count that is lost to another write costs nothing.
    private int _sinceYield;

    /// <inheritdoc/>
    public long Length => blob.Length;

    /// <inheritdoc/>
    public long Wanted => blob.Wanted;

    /// <inheritdoc/>
    public FetchPriority Priority => fetch.Request.Priority;

    /// <inheritdoc/>
    public ByteRange? NextMissing(long from, long limit) => blob.NextMissing(from, limit);

    /// <inheritdoc/>
    public async ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> bytes, SourceTrust trust, SourceKind kind, CancellationToken cancellationToken)
    {
        await blob.WriteAsync(offset, bytes, trust, kind, cancellationToken);
        leg.Count(bytes.Length);
        torrent?.Wrote(new ByteRange(offset, bytes.Length));
        if (pieces is not null)
        {
            await pieces.WroteAsync(new ByteRange(offset, bytes.Length), cancellationToken);
        }
        if (Priority > FetchPriority.Background)
        {
            // Who has gone holds nobody back.
            if (fetch.Interested > 0)
            {
                clients?.Note();
            }
        }
        else if (clients is not null && kind != SourceKind.Swarm)
        {
            // Swarms have an order of their own. By amount: over TLS reads are small, and what we hold back would look slow.
            if ((_sinceYield += bytes.Length) >= YieldEvery)
            {
                _sinceYield = 0;
                await clients.YieldAsync(fetch, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ByteRange> PresentRanges() => blob.PresentRanges();

    /// <inheritdoc/>
    public IReadOnlyList<ByteRange> ReadableRanges() => blob.ReadableRanges();

    /// <inheritdoc/>
    public int ReadPresent(long offset, Span<byte> buffer) => blob.ReadPresent(offset, buffer);

    /// <inheritdoc/>
    public void Sign(long bytes) => leg.Sign(bytes);
}
