namespace Pier.BitTorrent.Pieces;

/// <summary>An unfinished piece as the picker sees it: which blocks are asked for, which have come. Its board uses it again for others.</summary>
internal sealed class PartialPiece(OpenPieces open)
{
    private const byte Received = byte.MaxValue;

    // Per block: how many peers are asked for it, or Received. May be longer than the piece has blocks.
    private byte[] _blocks = [];
    private PieceBuffer? _buffer;
    private int _firstUnasked;
    private int _unasked;

    /// <summary>Index of the piece.</summary>
    public int Piece { get; private set; }

    /// <summary>Its place in the order in which pieces were started.</summary>
    public int Number { get; private set; }

    /// <summary>Where its blocks go.</summary>
    public PieceBuffer Buffer => _buffer!;

    /// <summary>Blocks that nobody is asked for.</summary>
    public int Unasked
    {
        get => _unasked;
        private set
        {
            var before = _unasked;
            _unasked = value;
            if (before == 0 && value > 0)
            {
                open.Add(this);
            }
            else if (before > 0 && value == 0)
            {
                open.Remove(this);
            }
        }
    }

    /// <summary>
    /// Whether a peer may still be asked for a block that came from another: one was asked for twice, or let go. While it is false
    /// every request has been answered once all blocks are there.
    /// </summary>
    public bool HasStrays { get; private set; }

    /// <summary>Blocks that have come.</summary>
    public int ReceivedCount { get; private set; }

    /// <summary>Blocks of the piece.</summary>
    public int BlockCount { get; private set; }

    /// <summary>Whether every block has come.</summary>
    public bool IsComplete => ReceivedCount == BlockCount;

    /// <summary>Whether one peer alone must send the whole piece, because the last attempt mixed blocks and failed.</summary>
    public bool IsExclusive { get; private set; }

    /// <summary>The peer that sends an exclusive piece, once one has begun.</summary>
    public object? ExclusiveTo { get; set; }

    /// <summary>Takes up a piece of which no block has come; what was there before is forgotten.</summary>
    public void Begin(int number, int piece, int blockCount, PieceBuffer buffer, bool isExclusive)
    {
        if (_blocks.Length < blockCount)
        {
            _blocks = new byte[blockCount];
        }

        _blocks.AsSpan(0, blockCount).Clear();
        _buffer = buffer;
        _firstUnasked = 0;
        Number = number;
        Piece = piece;
        BlockCount = Unasked = blockCount;
        ReceivedCount = 0;
        HasStrays = false;
        IsExclusive = isExclusive;
        ExclusiveTo = null;
    }

    /// <summary>
    /// It is out of hand: nobody is to be asked for any of it. Lets go of its memory and says which that was.
    /// </summary>
    public PieceBuffer End()
    {
        var buffer = Buffer;
        Unasked = 0;
        _buffer = null;
        ExclusiveTo = null;
        return buffer;
    }

    /// <summary>Whether a peer may be asked for blocks of this piece.</summary>
    public bool MayAsk(object peer) => !IsExclusive || ExclusiveTo is null || ReferenceEquals(ExclusiveTo, peer);

    /// <summary>Finds the next block that nobody is asked for and marks it asked; false when there is none.</summary>
    public bool TryAskNext(out BlockRef block)
    {
        for (; Unasked > 0 && _firstUnasked < BlockCount; _firstUnasked++)
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
    public void AskAgain(int block)
    {
        _blocks[block]++;
        HasStrays = true;
    }

    /// <summary>A peer will not send a block after all.</summary>
    public void Release(int block)
    {
        if (_blocks[block] is 0 or Received)
        {
            return;
        }

        HasStrays = true;
        open.Return();
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
