using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Swarms;
using Pier.Content;
using Pier.Store.Partial;

namespace Pier.Fetch.Provisional;

/// <summary>The pieces of a blob that this node downloads under a turn: tells the swarm of each as soon as it is whole. Disposed when the leg ends.</summary>
internal sealed class HeldPieces(PartialBlob blob, Swarm swarm, Action released) : IAsyncDisposable
{
    private readonly int _pieceLength = BlobTorrent.PieceLengthFor(blob.Length);
    private readonly Lock _gate = new();
    private readonly HashSet<long> _told = [];

    /// <summary>Bytes were written.</summary>
    public async ValueTask WroteAsync(ByteRange range, CancellationToken cancellationToken)
    {
        for (var offset = range.Offset / _pieceLength * _pieceLength; offset < range.End; offset += _pieceLength)
        {
            var piece = new ByteRange(offset, Math.Min(_pieceLength, blob.Length - offset));
            if (blob.IsReadable(piece) && TryTell(offset))
            {
                await swarm.StoredElsewhereAsync(piece, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        released();
        return ValueTask.CompletedTask;
    }

    private bool TryTell(long offset)
    {
        lock (_gate) { return _told.Add(offset); }
    }
}
