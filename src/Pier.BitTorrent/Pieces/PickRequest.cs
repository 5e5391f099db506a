using Pier.BitTorrent.Peers;

namespace Pier.BitTorrent.Pieces;

/// <summary>One peer asks what to request next; the rules add blocks until it has enough.</summary>
/// <param name="board">The torrent's pieces.</param>
internal sealed class PickRequest(PieceBoard board)
{
    private readonly List<BlockRef> _picked = [];
    private object _peer = board;
    private Bitfield _pieces = board.Have;
    private RequestTable _requests = new();
    private int _wanted;

    /// <summary>The torrent's pieces.</summary>
    public PieceBoard Board => board;

    /// <summary>What the peer can be asked for.</summary>
    public Bitfield Pieces => _pieces;

    /// <summary>Pieces that the peer would have asked for first (BEP 6).</summary>
    public IReadOnlyList<int> Suggested { get; private set; } = [];

    /// <summary>
    /// Whether it is asked for nothing else: it sends some of them, which others do not have, and the rest others do have. Only of who suggests
    /// enough to be kept busy: for all others a suggestion is a preference.
    /// </summary>
    public bool IsSuggestedOnly { get; private set; }

    /// <summary>Blocks that are still wanted.</summary>
    public int Wanted => _wanted - _picked.Count;

    /// <summary>Blocks chosen so far; they are marked as asked.</summary>
    public IReadOnlyList<BlockRef> Picked => _picked;

    /// <summary>Starts anew; one request serves a torrent for good, so that asking takes no memory.</summary>
    /// <param name="peer">Who would be asked.</param>
    /// <param name="pieces">What it can be asked for.</param>
    /// <param name="suggested">What it would have asked for first.</param>
    /// <param name="wanted">How many blocks.</param>
    /// <param name="requests">What it is asked for already.</param>
    /// <param name="suggestsEnough">Whether it suggests as many as it can be asked for.</param>
    public void Begin(object peer, Bitfield pieces, IReadOnlyList<int> suggested, int wanted, RequestTable requests, bool suggestsEnough)
    {
        _peer = peer;
        _pieces = pieces;
        _requests = requests;
        _wanted = wanted;
        Suggested = suggested;
        IsSuggestedOnly = suggestsEnough && requests.Count > 0 && HasBegunSuggested();
        _picked.Clear();
    }

    /// <summary>Takes unasked blocks of an unfinished piece while blocks are wanted.</summary>
    public void TakeFrom(PartialPiece partial)
    {
        if (partial.Unasked == 0 || !_pieces[partial.Piece] || !partial.MayAsk(_peer))
        {
            return;
        }

        while (Wanted > 0 && partial.TryAskNext(out var block))
        {
            partial.ExclusiveTo = partial.IsExclusive ? _peer : null;
            _picked.Add(block);
        }
    }

    /// <summary>Takes a block that another peer is asked for already, unless it is this one.</summary>
    public void TakeAgain(PartialPiece partial, int block)
    {
        var reference = new BlockRef(partial.Piece, block);

        // A block may be in its buffer already while the report of it is still on its way.
        if (partial.MayAsk(_peer) && !_requests.Contains(reference) && partial.Buffer.ContributorOf(block) is null)
        {
            partial.AskAgain(block);
            _picked.Add(reference);
        }
    }

    private bool HasBegunSuggested()
    {
        for (var place = 0; place < Suggested.Count; place++)
        {
            if (_pieces[Suggested[place]] && _requests.HasOf(Suggested[place]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a piece is missing, not in hand, and this peer can be asked for it.</summary>
    public bool CanStart(int piece) => _pieces[piece] && !board.Busy[piece];
}
