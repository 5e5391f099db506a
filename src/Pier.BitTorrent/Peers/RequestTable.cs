using Pier.BitTorrent.Pieces;

namespace Pier.BitTorrent.Peers;

/// <summary>
/// The blocks that one peer is asked for, and where each goes. The swarm adds and withdraws; the connection takes out what
/// arrives. Kept in the order of asking, which is the order in which most peers answer: what is looked for is mostly the first.
/// </summary>
internal sealed class RequestTable
{
    private const int Smallest = 4;

    private readonly Lock _gate = new();

    // A ring; its length is a power of two.
    private AskedBlock[] _ring = [];
    private int _head;
    private int _count;

    /// <summary>Blocks asked for.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether a block is asked for.</summary>
    public bool Contains(BlockRef block)
    {
        lock (_gate)
        {
            return PlaceOf(block) >= 0;
        }
    }

    /// <summary>Whether any block of a piece is asked for.</summary>
    public bool HasOf(int piece)
    {
        lock (_gate)
        {
            for (var place = 0; place < _count; place++)
            {
                if (At(place).Block.Piece == piece)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Notes a request before it is sent.</summary>
    public void Add(BlockRef block, PieceBuffer buffer)
    {
        lock (_gate)
        {
            if (_count == _ring.Length)
            {
                Grow();
            }

            At(_count) = new AskedBlock(block, buffer);
            _count++;
        }
    }

    /// <summary>Takes out a block that was rejected or is cancelled; false when it is not asked for.</summary>
    public bool TryTake(BlockRef block) => TryTake(block, out _);

    /// <summary>Takes out a block that was rejected or is cancelled.</summary>
    /// <param name="block">Which.</param>
    /// <param name="buffer">Where it was to go; null when it is not asked for.</param>
    /// <returns>False when it is not asked for.</returns>
    public bool TryTake(BlockRef block, out PieceBuffer? buffer)
    {
        buffer = null;
        if (Count == 0)
        {
            return false;
        }

        lock (_gate)
        {
            return TryRemove(block, out buffer);
        }
    }

    /// <summary>
    /// Takes out a block that arrived and claims it, as one step: once a piece is withdrawn here, nobody comes to write to it.
    /// </summary>
    /// <param name="block">Which.</param>
    /// <param name="contributor">Who sent it.</param>
    /// <param name="buffer">Where it goes; null when it came before.</param>
    /// <returns>False when it is not asked for.</returns>
    public bool TryTake(BlockRef block, object contributor, out PieceBuffer? buffer)
    {
        lock (_gate)
        {
            if (!TryRemove(block, out buffer))
            {
                return false;
            }

            if (!buffer!.TryClaim(block.Block, contributor))
            {
                buffer = null;
            }

            return true;
        }
    }

    /// <summary>All blocks asked for.</summary>
    public AskedBlock[] All()
    {
        lock (_gate)
        {
            var blocks = new AskedBlock[_count];
            for (var place = 0; place < _count; place++)
            {
                blocks[place] = At(place);
            }

            return blocks;
        }
    }

    /// <summary>Takes out everything.</summary>
    public AskedBlock[] TakeAll()
    {
        lock (_gate)
        {
            var blocks = All();
            Array.Clear(_ring);
            _head = _count = 0;
            return blocks;
        }
    }

    /// <summary>Takes out the blocks of one piece.</summary>
    /// <param name="piece">Which.</param>
    /// <param name="taken">Takes them.</param>
    public void TakePiece(int piece, List<AskedBlock> taken) => Take(asked => asked.Block.Piece == piece, taken);

    /// <summary>Takes out the blocks that would go to one place.</summary>
    /// <param name="buffer">Where.</param>
    /// <param name="taken">Takes them.</param>
    public void TakeInto(PieceBuffer buffer, List<AskedBlock> taken) => Take(asked => ReferenceEquals(asked.Buffer, buffer), taken);

    private ref AskedBlock At(int place) => ref _ring[(_head + place) & (_ring.Length - 1)];

    private void Take(Predicate<AskedBlock> which, List<AskedBlock> taken)
    {
        lock (_gate)
        {
            var kept = 0;
            for (var place = 0; place < _count; place++)
            {
                if (which(At(place)))
                {
                    taken.Add(At(place));
                }
                else
                {
                    At(kept++) = At(place);
                }
            }

            for (var place = kept; place < _count; place++)
            {
                At(place) = default;
            }

            _count = kept;
        }
    }

    private int PlaceOf(BlockRef block)
    {
        for (var place = 0; place < _count; place++)
        {
            if (At(place).Block == block)
            {
                return place;
            }
        }

        return -1;
    }

    private bool TryRemove(BlockRef block, out PieceBuffer? buffer)
    {
        var found = PlaceOf(block);
        if (found < 0)
        {
            buffer = null;
            return false;
        }

        buffer = At(found).Buffer;
        for (; found > 0; found--)
        {
            At(found) = At(found - 1);
        }

        At(0) = default;
        _head = (_head + 1) & (_ring.Length - 1);
        _count--;
        return true;
    }

    private void Grow()
    {
        var larger = new AskedBlock[Math.Max(Smallest, _ring.Length * 2)];
        for (var place = 0; place < _count; place++)
        {
            larger[place] = At(place);
        }

        (_ring, _head) = (larger, 0);
    }
}
