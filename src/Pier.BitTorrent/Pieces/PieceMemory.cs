using System.Buffers;

namespace Pier.BitTorrent.Pieces;

/// <summary>Lends memory for unfinished pieces and keeps their sum under a bound over all torrents.</summary>
/// <param name="maxBytes">The bound.</param>
/// <param name="pool">Where it comes from.</param>
internal sealed class PieceMemory(long maxBytes, ArrayPool<byte> pool)
{
    private const int IdleTicks = 5;

    // As many as are in hand at once; each is small beside its piece.
    private const int MaxIdleBuffers = 64;

    private readonly Lock _gate = new();
    private readonly Stack<PieceBuffer> _idleBuffers = new();
    private long _lent;
    private int _idle;

    /// <summary>Bytes lent now.</summary>
    public long Lent => Interlocked.Read(ref _lent);

    /// <summary>Takes memory for one piece, or null when the bound is reached.</summary>
    /// <param name="length">Bytes.</param>
    /// <param name="blockSize">Bytes of a block.</param>
    /// <param name="mayExceed">Lend even beyond the bound: each torrent may always have one piece in hand.</param>
    /// <param name="first">The first block of the piece that is to go there.</param>
    public PieceBuffer? TryRent(int length, int blockSize, bool mayExceed, int first = 0)
    {
        if (Interlocked.Add(ref _lent, length) > maxBytes && !mayExceed)
        {
            Interlocked.Add(ref _lent, -length);
            return null;
        }

        PieceBuffer? buffer;
        lock (_gate)
        {
            _idleBuffers.TryPop(out buffer);
        }

        buffer ??= new PieceBuffer(this);
        buffer.Begin(pool.Rent(length), length, blockSize, first);
        return buffer;
    }

    /// <summary>Takes back memory that nobody can write to any more.</summary>
    public void Return(PieceBuffer buffer, byte[] memory, int length)
    {
        Interlocked.Add(ref _lent, -length);
        pool.Return(memory);
        lock (_gate)
        {
            if (_idleBuffers.Count < MaxIdleBuffers)
            {
                _idleBuffers.Push(buffer);
            }
        }
    }

    /// <summary>Once a second: what is kept for the next piece is let go when none has come for a while.</summary>
    public void Tick()
    {
        _idle = Lent == 0 ? _idle + 1 : 0;
        if (_idle == IdleTicks && pool is PieceArrays arrays)
        {
            arrays.Clear();
            lock (_gate)
            {
                _idleBuffers.Clear();
            }
        }
    }

    /// <summary>Stops counting memory to which a late block may still be copied; the collector takes it.</summary>
    public void Forget(int length) => Interlocked.Add(ref _lent, -length);
}
