namespace Pier.BitTorrent.Pieces;

/// <summary>
/// Blocks that readers wanted by themselves, each proved by its own hash (BEP 52) while its piece is not here. The latest are
/// kept in memory as long as anybody reads. Thread-safe: readers ask and copy, the swarm's loop brings.
/// </summary>
/// <param name="ask">Has the loop fetch some; false when it cannot be told.</param>
/// <param name="isRead">Whether anybody reads.</param>
/// <param name="time">The clock.</param>
internal sealed class ProvedBlocks(Func<BlockSpan, bool> ask, Func<bool> isRead, TimeProvider time)
{
    // The most that are worth fetching by themselves for one read.
    private const int MostAtOnce = 5;

    // 8 MiB: more than readers wait for at once.
    private const int Kept = 512;
    private const int MaxRefused = 1024;

    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<BlockRef, byte[]> _blocks = [];
    private readonly Queue<BlockRef> _order = new();
    private readonly Dictionary<int, int> _byPiece = [];
    private readonly HashSet<BlockSpan> _asked = [];
    private readonly Dictionary<int, long> _refused = [];
    private long? _allRefused;

    /// <summary>Copies what is here of a range, from its start.</summary>
    /// <returns>Bytes copied; 0 when its first block is not here.</returns>
    public int TryCopy(PieceGrid grid, long position, Span<byte> destination)
    {
        var done = 0;
        lock (_gate)
        {
            while (_blocks.Count > 0 && done < destination.Length)
            {
                var (piece, within) = Math.DivRem(position + done, grid.PieceLength);
                var (block, offset) = Math.DivRem((int)within, grid.BlockSize);
                if (!_blocks.TryGetValue(new BlockRef((int)piece, block), out var bytes) || offset >= bytes.Length)
                {
                    break;
                }

                var part = bytes.AsSpan(offset, Math.Min(bytes.Length - offset, destination.Length - done));
                part.CopyTo(destination[done..]);
                done += part.Length;
            }
        }

        return done;
    }

    /// <summary>Asks for blocks, unless somebody has.</summary>
    /// <param name="span">Which.</param>
    /// <param name="blocksInPiece">Blocks of their piece.</param>
    /// <returns>False when their piece had better be fetched whole.</returns>
    public bool Want(BlockSpan span, int blocksInPiece)
    {
        lock (_gate)
        {
            if (span.Count > MostAtOnce || IsRefused(_allRefused)
                || (_refused.TryGetValue(span.Piece, out var at) && IsRefused(at))
                // Who reads so much of a piece reads it all.
                || _byPiece.GetValueOrDefault(span.Piece) + span.Count > blocksInPiece / 4)
            {
                return false;
            }

            if (!_asked.Add(span))
            {
                return true;
            }
        }

        if (ask(span))
        {
            return true;
        }

        Settle(span);
        return false;
    }

    /// <summary>A proved block has come.</summary>
    public void Add(BlockRef block, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            // Who asked may have left since.
            if (!isRead() || !_blocks.TryAdd(block, bytes.ToArray()))
            {
                return;
            }

            _order.Enqueue(block);
            _byPiece[block.Piece] = _byPiece.GetValueOrDefault(block.Piece) + 1;
            if (_order.Count > Kept)
            {
                Remove(_order.Dequeue());
            }
        }
    }

    /// <summary>Nothing more is done for these.</summary>
    public void Settle(BlockSpan span)
    {
        lock (_gate)
        {
            _asked.Remove(span);
        }
    }

    /// <summary>These cannot be had by themselves for now.</summary>
    /// <param name="span">Which.</param>
    /// <param name="isForAll">Whether none can.</param>
    public void Refuse(BlockSpan span, bool isForAll)
    {
        lock (_gate)
        {
            _asked.Remove(span);
            if (isForAll)
            {
                _allRefused = time.GetTimestamp();
                return;
            }

            if (_refused.Count == MaxRefused)
            {
                _refused.Clear();
            }

            _refused[span.Piece] = time.GetTimestamp();
        }
    }

    /// <summary>Nobody reads any more.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _blocks.Clear();
            _order.Clear();
            _byPiece.Clear();
            _refused.Clear();
        }
    }

    private bool IsRefused(long? at) => at is { } then && time.GetElapsedTime(then) < RefusedFor;

    private void Remove(BlockRef block)
    {
        _blocks.Remove(block);
        if (_byPiece[block.Piece] == 1)
        {
            _byPiece.Remove(block.Piece);
        }
        else
        {
            _byPiece[block.Piece]--;
        }
    }
}
