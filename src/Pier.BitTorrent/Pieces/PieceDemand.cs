using Pier.BitTorrent.Selection;

namespace Pier.BitTorrent.Pieces;

/// <summary>
/// Which missing pieces are wanted, and how soon: those of the selected files by priority, and those that a reader waits for,
/// selected or not.
/// </summary>
internal sealed class PieceDemand
{
    private readonly PieceGrid _grid;
    private readonly Bitfield _had;
    private readonly List<Bitfield> _classes = [];
    private Bitfield _selected;

    /// <param name="grid">The torrent's pieces; all are wanted at first.</param>
    /// <param name="had">The pieces that are had; a live view.</param>
    public PieceDemand(PieceGrid grid, Bitfield had)
    {
        _grid = grid;
        _had = had;
        Wanted = ToStart = new Bitfield(grid.PieceCount);
        _selected = new Bitfield(grid.PieceCount);
        var all = new FilePriority[grid.PieceCount];
        Array.Fill(all, FilePriority.Normal);
        Choose(all);
    }

    /// <summary>Missing pieces that peers may be asked for.</summary>
    public Bitfield Wanted { get; private set; }

    /// <summary>Those of them that are wanted whole: of the others readers want a few blocks.</summary>
    public Bitfield ToStart { get; private set; }

    /// <summary>Missing pieces of selected files, the most urgent first.</summary>
    public IReadOnlyList<Bitfield> Classes => _classes;

    /// <summary>Whether some pieces belong to no selected file.</summary>
    public bool IsPartial => !_selected.IsFull;

    // No piece is selected: everything waits for readers.
    private bool IsLazy => _selected.Count == 0 && _selected.Length > 0;

    /// <summary>Whether peers may yet have something for us: a wanted piece, or one that a reader may come to want.</summary>
    public bool WantsMore => Wanted.Count > 0 || (IsLazy && !_had.IsFull);

    /// <summary>Selected pieces that are missing.</summary>
    public int Missing { get; private set; }

    /// <summary>Bytes of selected pieces.</summary>
    public long SelectedBytes { get; private set; }

    /// <summary>Bytes of selected pieces that are missing.</summary>
    public long MissingBytes { get; private set; }

    /// <summary>Selects other pieces.</summary>
    /// <param name="priorities">One for each piece.</param>
    public void Choose(IReadOnlyList<FilePriority> priorities)
    {
        _classes.Clear();
        _selected = new Bitfield(_grid.PieceCount);
        (Missing, SelectedBytes, MissingBytes) = (0, 0, 0);
        for (var priority = FilePriority.High; priority > FilePriority.Skip; priority--)
        {
            var pieces = new Bitfield(_grid.PieceCount);
            for (var piece = 0; piece < _grid.PieceCount; piece++)
            {
                if (priorities[piece] == priority)
                {
                    Select(piece, pieces);
                }
            }

            if (pieces.Count > 0)
            {
                _classes.Add(pieces);
            }
        }

        Rebuild([], [], []);
    }

    /// <summary>Whether a piece is wanted whole: of others a reader wants a few blocks.</summary>
    public bool IsToBeStarted(int piece) => ToStart[piece];

    /// <summary>Readers look elsewhere: their pieces and those that are begun are wanted whether selected or not.</summary>
    /// <param name="windows">Pieces that readers wait for.</param>
    /// <param name="begun">Pieces that are begun.</param>
    /// <param name="spots">Pieces of which readers want a few blocks: peers are to know that we want something of theirs.</param>
    public void Rebuild(IEnumerable<(int First, int End)> windows, IEnumerable<int> begun, IEnumerable<int> spots)
    {
        var wanted = new Bitfield(_grid.PieceCount);
        foreach (var pieces in _classes)
        {
            wanted.AddAll(pieces);
        }

        foreach (var (first, end) in windows)
        {
            for (var piece = first; piece < end; piece++)
            {
                Want(wanted, piece);
            }
        }

        foreach (var piece in begun)
        {
            Want(wanted, piece);
        }

        ToStart = new Bitfield(_grid.PieceCount);
        ToStart.AddAll(wanted);
        foreach (var piece in spots)
        {
            Want(wanted, piece);
        }

        Wanted = wanted;
    }

    /// <summary>A piece is had; true when it was the last selected one that was missing.</summary>
    public bool Had(int piece)
    {
        Wanted.Remove(piece);
        ToStart.Remove(piece);
        foreach (var pieces in _classes)
        {
            if (pieces.Remove(piece))
            {
                MissingBytes -= _grid.SizeOf(piece);
                return --Missing == 0;
            }
        }

        return false;
    }

    private void Select(int piece, Bitfield pieces)
    {
        _selected.Add(piece);
        SelectedBytes += _grid.SizeOf(piece);
        if (!_had[piece])
        {
            pieces.Add(piece);
            Missing++;
            MissingBytes += _grid.SizeOf(piece);
        }
    }

    private void Want(Bitfield wanted, int piece)
    {
        if (!_had[piece])
        {
            wanted.Add(piece);
        }
    }
}
