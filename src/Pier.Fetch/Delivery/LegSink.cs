using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Partial;

namespace Pier.Fetch.Delivery;

/// <summary>The partial blob as one leg sees it: every byte is counted to that leg.</summary>
internal sealed class LegSink(PartialBlob blob, Leg leg) : IPartialSink
{
    /// <inheritdoc/>
    public long Length => blob.Length;

    /// <inheritdoc/>
    public long Wanted => blob.Wanted;

    /// <inheritdoc/>
    public ByteRange? NextMissing(long from, long limit) => blob.NextMissing(from, limit);

    /// <inheritdoc/>
    public async ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> bytes, SourceTrust trust, SourceKind kind, CancellationToken cancellationToken)
    {
        await blob.WriteAsync(offset, bytes, trust, kind, cancellationToken);
        leg.Count(bytes.Length);
    }

    /// <inheritdoc/>
    public IReadOnlyList<ByteRange> PresentRanges() => blob.PresentRanges();

    /// <inheritdoc/>
    public int ReadPresent(long offset, Span<byte> buffer) => blob.ReadPresent(offset, buffer);

    /// <inheritdoc/>
    public void Sign(long bytes) => leg.Sign(bytes);
}
