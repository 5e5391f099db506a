namespace Pier.BitTorrent.Pieces;

/// <summary>An unfinished piece as the picker sees it: which blocks are asked for, which have come.</summary>
internal sealed class PartialPiece
{
    private const byte Received = byte.MaxValue;

    // Per block: how many peers are asked for it, or Received.
    private readonly byte[] _blocks;
    private int _firstUnasked;

    public PartialPiece(int piece, int blockCount, PieceBuffer buffer)
    {
        Piece = piece;
        Buffer = buffer;
        _blocks = new byte[blockCount];
        Unasked = blockCount;
    }

    /// <summary>Index of the piece.</summary>
    public int Piece { get; }

    /// <summary>Where its blocks go.</summary>
    public PieceBuffer Buffer { get; }

    /// <summary>Blocks that nobody is asked for.</summary>
    public int Unasked { get; private set; }

    /// <summary>Blocks that have come.</summary>
    public int ReceivedCount { get; private set; }

    /// <summary>Blocks of the piece.</summary>
    public int BlockCount => _blocks.Length;

    /// <summary>Whether every block has come.</summary>
    public bool IsComplete => ReceivedCount == _blocks.Length;

    /// <summary>Whether one peer alone must send the whole piece, because the last attempt mixed blocks and failed.</summary>
    public bool IsExclusive { get; init; }

    /// <summary>The peer that sends an exclusive piece, once one has begun.</summary>
    public object? ExclusiveTo { get; set; }

    /// <summary>Whether a peer may be asked for blocks of this piece.</summary>
    public bool MayAsk(object peer) => !IsExclusive || ExclusiveTo is null || ReferenceEquals(ExclusiveTo, peer);

    /// <summary>Finds the next block that nobody is asked for and marks it asked; false when there is none.</summary>
    public bool TryAskNext(out BlockRef block)
    {
        for (; Unasked > 0 && _firstUnasked < _blocks.Length; _firstUnasked++)
        {
            if (_blocks[_firstUnasked] == 0)
            {
                block = new BlockRef(Piece, _firstUnasked);
                _blocks[_firstUnasked++] = 1;
                Unasked--;
                return true;
            }
        }

        block = default;
        return false;
    }

    /// <summary>How many peers are asked for a block; -1 when it has come.</summary>
    public int AskedOf(int block) => _blocks[block] == Received ? -1 : _blocks[block];

    /// <summary>Whether a block has come.</summary>
    public bool Has(int block) => _blocks[block] == Received;

    /// <summary>One more peer is asked for a block that others are asked for already.</summary>
    public void AskAgain(int block) => _blocks[block]++;

    /// <summary>A peer will not send a block after all.</summary>
    public void Release(int block)
    {
        if (_blocks[block] is 0 or Received)
        {
            return;
        }

        if (--_blocks[block] == 0)
        {
            Unasked++;
            _firstUnasked = Math.Min(_firstUnasked, block);
        }
    }

    /// <summary>A block has come; false when it had come before.</summary>
    public bool Receive(int block)
    {
        if (_blocks[block] == Received)
        {
            return false;
        }

        if (_blocks[block] == 0)
        {
            Unasked--;
        }

        _blocks[block] = Received;
        ReceivedCount++;
        return true;
    }
}
