using System.Threading.Channels;
using Pier.BitTorrent.Blobs;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Partial;

namespace Pier.Fetch.Seeding;

/// <summary>
/// Hashes a blob's pieces while it arrives, so that its torrent is known a moment after the seal. Only bytes that may be shown at
/// once are hashed: nothing replaces them before the seal, which proves them.
/// </summary>
/// <param name="blob">What arrives.</param>
/// <param name="turns">Lets few pieces be hashed at once, over all blobs.</param>
internal sealed class ArrivingTorrent(PartialBlob blob, SemaphoreSlim turns) : IAsyncDisposable
{
    private readonly BlobTorrentPieces _pieces = new(blob.Length);
    private readonly Lock _gate = new();
    private readonly HashSet<int> _queued = [];
    private readonly CancellationTokenSource _stop = new();

    // No piece is queued twice, so that there is always room.
    private readonly Channel<int> _queue = Channel.CreateBounded<int>(
        new BoundedChannelOptions((int)((blob.Length - 1) / BlobTorrent.PieceLengthFor(blob.Length)) + 1) { SingleReader = true });

    private Task _hashing = Task.CompletedTask;

    /// <summary>Begins, with what an earlier run left.</summary>
    public void Start()
    {
        _hashing = Task.Run(HashAsync);
        foreach (var range in blob.ReadableRanges())
        {
            Wrote(range);
        }
    }

    /// <summary>Bytes were written.</summary>
    public void Wrote(ByteRange range)
    {
        for (var piece = (int)(range.Offset / _pieces.PieceLength); (long)piece * _pieces.PieceLength < range.End; piece++)
        {
            var offset = (long)piece * _pieces.PieceLength;
            if (!_pieces.IsDone(piece) && blob.IsReadable(new ByteRange(offset, Math.Min(_pieces.PieceLength, blob.Length - offset))) && TryQueue(piece))
            {
                _queue.Writer.TryWrite(piece);
            }
        }
    }

    /// <summary>Ends the hashing; gives what is known by then, once nobody works on it any more.</summary>
    public async ValueTask<BlobTorrentPieces> StopAsync()
    {
        _queue.Writer.TryComplete();
        await _stop.CancelAsync();
        await _hashing;
        return _pieces;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private bool TryQueue(int piece)
    {
        lock (_gate) { return _queued.Add(piece); }
    }

    private async Task HashAsync()
    {
        try
        {
            await foreach (var piece in _queue.Reader.ReadAllAsync(_stop.Token))
            {
                await turns.WaitAsync(_stop.Token);
                try
                {
                    _pieces.TryHash(piece, blob.ReadPresent, _stop.Token);
                }
                finally
                {
                    turns.Release();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Sealed or given up: what is missing is read from the sealed file.
        }
        catch (Exception gone) when (gone is ContentStorageException or ObjectDisposedException)
        {
            // Closed in the middle of a read, or a disk that fails: whoever writes to it says so.
        }
    }
}
