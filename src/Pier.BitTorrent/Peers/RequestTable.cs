using Pier.BitTorrent.Pieces;

namespace Pier.BitTorrent.Peers;

/// <summary>
/// The blocks that one peer is asked for, and where each goes. The swarm adds and withdraws; the connection takes out what
/// arrives.
/// </summary>
internal sealed class RequestTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<BlockRef, PieceBuffer> _asked = [];

    /// <summary>Blocks asked for.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _asked.Count;
            }
        }
    }

    /// <summary>Whether a block is asked for.</summary>
    public bool Contains(BlockRef block)
    {
        lock (_gate)
        {
            return _asked.ContainsKey(block);
        }
    }

    /// <summary>Notes a request before it is sent.</summary>
    public void Add(BlockRef block, PieceBuffer buffer)
    {
        lock (_gate)
        {
            _asked[block] = buffer;
        }
    }

    /// <summary>Takes out a block that arrived, was rejected or is cancelled; false when it is not asked for.</summary>
    public bool TryTake(BlockRef block, out PieceBuffer? buffer)
    {
        lock (_gate)
        {
            return _asked.Remove(block, out buffer);
        }
    }

    /// <summary>All blocks asked for.</summary>
    public IReadOnlyList<BlockRef> All()
    {
        lock (_gate)
        {
            return [.. _asked.Keys];
        }
    }

    /// <summary>Takes out everything.</summary>
    public IReadOnlyList<BlockRef> TakeAll()
    {
        lock (_gate)
        {
            BlockRef[] blocks = [.. _asked.Keys];
            _asked.Clear();
            return blocks;
        }
    }

    /// <summary>Takes out the blocks of one piece.</summary>
    public IReadOnlyList<BlockRef> TakePiece(int piece)
    {
        lock (_gate)
        {
            if (_asked.Count == 0)
            {
                return [];
            }

            BlockRef[] blocks = [.. _asked.Keys.Where(block => block.Piece == piece)];
            foreach (var block in blocks)
            {
                _asked.Remove(block);
            }

            return blocks;
        }
    }
}
