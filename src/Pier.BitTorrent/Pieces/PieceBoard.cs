namespace Pier.BitTorrent.Pieces;

/// <summary>What the picking rules look at: pieces had, in hand and missing, and how rare each is.</summary>
internal sealed class PieceBoard
{
    private const long MaxChecking = 32 << 20;
    private const int MinChecking = 4;

    private readonly PieceMemory _memory;
    private readonly int[] _availability;

    // By piece; none before the first is started.
    private PartialPiece?[] _byPiece = [];
    private readonly List<PartialPiece> _partials = [];
    private readonly Stack<PartialPiece> _idle = new();
    private readonly HashSet<int> _exclusive = [];
    private readonly OpenPieces _open = new();
    private int _started;
    private int _resumed;
    private bool _refused;
    private long _checking;

    public PieceBoard(PieceGrid grid, PieceMemory memory)
    {
        Grid = grid;
        _memory = memory;
        _availability = new int[grid.PieceCount];
        Have = new Bitfield(grid.PieceCount);
        Busy = new Bitfield(grid.PieceCount);
        Demand = new PieceDemand(grid, Have);
    }

    /// <summary>Pieces and blocks.</summary>
    public PieceGrid Grid { get; }

    /// <summary>Pieces that are proved and stored. Connections read this from their threads.</summary>
    public Bitfield Have { get; }

    /// <summary>Bytes of content of those.</summary>
    public long HaveBytes { get; private set; }

    /// <summary>Pieces that are had, in hand, or being checked: nothing to start.</summary>
    public Bitfield Busy { get; }

    /// <summary>Missing pieces that are wanted, and how soon.</summary>
    public PieceDemand Demand { get; }

    /// <summary>Unfinished pieces in the order in which they were started.</summary>
    public IReadOnlyList<PartialPiece> Partials => _partials;

    /// <summary>Those of them with blocks that nobody is asked for.</summary>
    public OpenPieces Open => _open;

    /// <summary>Peers that have every piece.</summary>
    public int Seeds { get; private set; }

    /// <summary>Peers that have some pieces and lack others.</summary>
    public int Leeches { get; private set; }

    /// <summary>Whether no piece that is wanted whole is left to start.</summary>
    public bool AllStarted => Demand.ToStart.IsWithin(Busy);

    /// <summary>Peers that have a piece.</summary>
    public int AvailabilityOf(int piece) => _availability[piece] + Seeds;

    /// <summary>How often the torrent is there among the peers: copies of the rarest piece, and the share of pieces that are less rare.</summary>
    public double Copies()
    {
        if (_availability.Length == 0)
        {
            return Seeds;
        }

        var rarest = _availability.Min();
        var more = _availability.Length - _availability.AsSpan().Count(rarest);
        return Seeds + rarest + (double)more / _availability.Length;
    }

    /// <summary>Whether the peers that lack something have every piece among themselves.</summary>
    public bool IsOut => !_availability.AsSpan().Contains(0);

    /// <summary>A peer came, with these pieces.</summary>
    public void AddPeer(Bitfield pieces) => Count(pieces, +1);

    /// <summary>A peer went.</summary>
    public void RemovePeer(Bitfield pieces) => Count(pieces, -1);

    /// <summary>A peer got one more piece, which its set does not have yet.</summary>
    public void AddPiece(Bitfield pieces, int piece)
    {
        if (pieces[piece])
        {
            return;
        }

        if (pieces.Count + 1 < pieces.Length)
        {
            pieces.Add(piece);
            _availability[piece]++;
            return;
        }

        Count(pieces, -1);
        pieces.Add(piece);
        Count(pieces, +1);
    }

    /// <summary>A peer lost a piece, which its set still has (BEP 54).</summary>
    public void RemovePiece(Bitfield pieces, int piece)
    {
        if (pieces.IsFull)
        {
            Count(pieces, -1);
            pieces.Remove(piece);
            Count(pieces, +1);
        }
        else if (pieces.Remove(piece))
        {
            _availability[piece]--;
        }
    }

    /// <summary>The unfinished piece with this index, if it is in hand.</summary>
    public PartialPiece? PartialOf(int piece) => (uint)piece < (uint)_byPiece.Length ? _byPiece[piece] : null;

    /// <summary>Starts a missing piece; null when there is no memory for it now, or too much waits to be checked.</summary>
    public PartialPiece? TryStart(int piece)
    {
        // Where storage is slower than the network, what has come must not pile up in memory.
        if (_checking > Math.Max(MaxChecking, MinChecking * (long)Grid.PieceLength)
            || _memory.TryRent(Grid.SizeOf(piece), Grid.BlockSize, mayExceed: _partials.Count == 0) is not { } buffer)
        {
            _refused = true;
            return null;
        }

        var partial = Take(++_started, piece, buffer, _exclusive.Contains(piece));
        _partials.Add(partial);
        Busy.Add(piece);
        if (AllStarted)
        {
            // What others are asked for may be asked for twice from now on.
            _open.Return();
        }

        return partial;
    }

    /// <summary>Whether every piece that could be picked was: none was refused for lack of memory, and nothing is asked for twice yet.</summary>
    public bool IsExhausted => !_refused && !AllStarted;

    /// <summary>Whether a piece could not be started for lack of memory since the last look.</summary>
    public bool TakeRefusal()
    {
        var refused = _refused;
        _refused = false;
        return refused;
    }

    /// <summary>Takes a complete piece out of hand, to be checked.</summary>
    /// <returns>Its bytes.</returns>
    public PieceBuffer BeginCheck(PartialPiece partial)
    {
        _checking += Grid.SizeOf(partial.Piece);
        return TakeOut(partial);
    }

    /// <summary>A piece has been checked.</summary>
    public void EndCheck(int piece) => _checking -= Grid.SizeOf(piece);

    /// <summary>A piece is proved and stored; true when it was the last selected one that was missing.</summary>
    public bool Finish(int piece)
    {
        _exclusive.Remove(piece);
        Busy.Add(piece);
        HaveBytes += Have.Add(piece) ? Grid.ContentIn(piece) : 0;
        return Demand.Had(piece);
    }

    /// <summary>A piece failed its check and is missing again.</summary>
    /// <param name="piece">Index of the piece.</param>
    /// <param name="fromOnePeer">Whether one peer alone must send it next time.</param>
    public void Fail(int piece, bool fromOnePeer)
    {
        if (fromOnePeer)
        {
            _exclusive.Add(piece);
        }

        Busy.Remove(piece);
        _open.Return();
    }

    /// <summary>Takes a piece in hand again that failed its check, with the blocks of it that are good.</summary>
    public void Resume(int piece, PieceBuffer buffer, Bitfield good)
    {
        var partial = Take(--_resumed, piece, buffer, isExclusive: false);
        for (var block = 0; block < good.Length; block++)
        {
            if (good[block])
            {
                partial.Receive(block);
            }
            else
            {
                buffer.Clear(block);
            }
        }

        _partials.Insert(0, partial);
        _open.Return();
    }

    /// <summary>Puts an unfinished piece back among the missing, its blocks lost.</summary>
    public void Abandon(PartialPiece partial)
    {
        TakeOut(partial).Abandon();
        Busy.Remove(partial.Piece);
        _open.Return();
    }

    private PartialPiece Take(int number, int piece, PieceBuffer buffer, bool isExclusive)
    {
        if (!_idle.TryPop(out var partial))
        {
            partial = new PartialPiece(_open);
        }

        if (_byPiece.Length == 0)
        {
            _byPiece = new PartialPiece?[Grid.PieceCount];
        }

        _byPiece[piece] = partial;
        partial.Begin(number, piece, Grid.BlocksIn(piece), buffer, isExclusive);
        return partial;
    }

    // It keeps its number until the next piece is started, but not the memory.
    private PieceBuffer TakeOut(PartialPiece partial)
    {
        _byPiece[partial.Piece] = null;
        _partials.Remove(partial);
        _idle.Push(partial);
        return partial.End();
    }

    private void Count(Bitfield pieces, int change)
    {
        if (pieces.IsFull)
        {
            Seeds += change;
            return;
        }

        Leeches += change;
        for (var word = 0; word < pieces.Words.Length; word++)
        {
            for (var bits = pieces.Words[word]; bits != 0; bits &= bits - 1)
            {
                _availability[word * 64 + System.Numerics.BitOperations.TrailingZeroCount(bits)] += change;
            }
        }
    }
}
