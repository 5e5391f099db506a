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

    /// <summary>Takes out a block that was rejected or is cancelled; false when it is not asked for.</summary>
    public bool TryTake(BlockRef block)
    {
        lock (_gate)
        {
            return _asked.Remove(block);
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
            if (!_asked.Remove(block, out buffer))
            {
                return false;
            }

            if (!buffer.TryClaim(block.Block, contributor))
            {
                buffer = null;
            }

            return true;
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
    /// <param name="piece">Which.</param>
    /// <param name="taken">Takes them.</param>
    public void TakePiece(int piece, List<BlockRef> taken)
    {
        lock (_gate)
        {
            foreach (var (block, _) in _asked)
            {
                if (block.Piece == piece)
                {
                    taken.Add(block);
                    _asked.Remove(block);
                }
            }
        }
    }
}
