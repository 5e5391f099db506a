using System.Collections.Concurrent;
using Pier.BitTorrent.Pieces;

namespace Pier.BitTorrent.Swarms.Blocks;

/// <summary>
/// Holds complete pieces back until there are enough to be hashed side by side, while they come so fast that this takes a moment, and
/// hashing would be what they wait for. Part of a swarm's loop.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="board">The torrent's pieces.</param>
internal sealed class PieceGathering(TimeProvider time, PieceBoard board)
{
    private const long MostBytes = 16 << 20;

    // Sixteen pieces of a mebibyte in this time are 300 MB/s.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(55);

    private readonly ConcurrentBag<PieceBatch> _idle = [];
    private readonly long[] _came = new long[PieceBatch.MostPieces];
    private int _seen;
    private PieceBatch? _batch;
    private long _begun;

    /// <summary>Whether the pieces that are held have been so for long enough.</summary>
    public bool IsOverdue => _batch is not null && time.GetElapsedTime(_begun) > Moment;

    /// <summary>Takes a piece to hold, if others are about to come; false when it is to be checked at once.</summary>
    /// <param name="job">The piece.</param>
    /// <param name="underWay">Pieces that are complete and not stored, this one among them.</param>
    public bool TryHold(PieceJob job, int underWay)
    {
        var now = time.GetTimestamp();
        var place = _seen++ % _came.Length;
        var isFast = _seen > _came.Length && time.GetElapsedTime(_came[place], now) < Moment;
        _came[place] = now;
        var length = board.Grid.PieceLength;
        if (!isFast
            || job.Buffer.Length != length
            || length % 64 != 0
            || length * (long)PieceBatch.MostPieces > MostBytes
            || (_batch is null && board.Demand.Missing - underWay < PieceBatch.MostPieces))
        {
            return false;
        }

        if (_batch is null)
        {
            _batch = _idle.TryTake(out var idle) ? idle : new PieceBatch(_idle);
            _begun = now;
        }

        _batch.Add(job);
        return true;
    }

    /// <summary>Takes what is held once there is enough of it; null before.</summary>
    public PieceBatch? TakeFull() => _batch is { IsFull: true } ? Take() : null;

    /// <summary>Takes what is held, however little; null when there is nothing.</summary>
    public PieceBatch? Take()
    {
        var batch = _batch;
        _batch = null;
        return batch;
    }
}
