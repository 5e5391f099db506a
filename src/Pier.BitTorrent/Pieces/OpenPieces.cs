namespace Pier.BitTorrent.Pieces;

/// <summary>Unfinished pieces with blocks that nobody is asked for, in the order in which they were started: mostly one or two of many.</summary>
internal sealed class OpenPieces
{
    private readonly List<PartialPiece> _pieces = [];

    /// <summary>How often a block was let go, or a piece lost: peers that had nothing to be asked for may have something since.</summary>
    public int Returns { get; private set; }

    /// <summary>How many there are.</summary>
    public int Count => _pieces.Count;

    /// <summary>One of them, by its place in the order.</summary>
    public PartialPiece this[int place] => _pieces[place];

    /// <summary>A piece has blocks again that nobody is asked for.</summary>
    public void Add(PartialPiece piece)
    {
        var place = _pieces.Count;
        while (place > 0 && _pieces[place - 1].Number > piece.Number)
        {
            place--;
        }

        _pieces.Insert(place, piece);
    }

    /// <summary>Something may be asked for again.</summary>
    public void Return() => Returns++;

    /// <summary>Every block of a piece is asked for, or it is out of hand.</summary>
    public void Remove(PartialPiece piece) => _pieces.Remove(piece);
}
