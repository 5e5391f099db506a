namespace Pier.BitTorrent.Pieces;

/// <summary>One peer asks what to request next; the rules add blocks until it has enough.</summary>
/// <param name="board">The torrent's pieces.</param>
/// <param name="peer">Who would be asked.</param>
/// <param name="pieces">What it can be asked for.</param>
/// <param name="wanted">How many blocks.</param>
/// <param name="isAsked">Whether this peer is asked for a block already.</param>
internal sealed class PickRequest(PieceBoard board, object peer, Bitfield pieces, int wanted, Func<BlockRef, bool> isAsked)
{
    /// <summary>The torrent's pieces.</summary>
    public PieceBoard Board => board;

    /// <summary>What the peer can be asked for.</summary>
    public Bitfield Pieces => pieces;

    /// <summary>Blocks that are still wanted.</summary>
    public int Wanted => wanted - Picked.Count;

    /// <summary>Blocks chosen so far; they are marked as asked.</summary>
    public List<BlockRef> Picked { get; } = new(wanted);

    /// <summary>Takes unasked blocks of an unfinished piece while blocks are wanted.</summary>
    public void TakeFrom(PartialPiece partial)
    {
        if (partial.Unasked == 0 || !pieces[partial.Piece] || !partial.MayAsk(peer))
        {
            return;
        }

        while (Wanted > 0 && partial.TryAskNext(out var block))
        {
            partial.ExclusiveTo = partial.IsExclusive ? peer : null;
            Picked.Add(block);
        }
    }

    /// <summary>Takes a block that another peer is asked for already, unless it is this one.</summary>
    public void TakeAgain(PartialPiece partial, int block)
    {
        var reference = new BlockRef(partial.Piece, block);

        // A block may be in its buffer already while the report of it is still on its way.
        if (partial.MayAsk(peer) && !isAsked(reference) && partial.Buffer.ContributorOf(block) is null)
        {
            partial.AskAgain(block);
            Picked.Add(reference);
        }
    }

    /// <summary>Whether a piece is missing, not in hand, and this peer can be asked for it.</summary>
    public bool CanStart(int piece) => pieces[piece] && !board.Busy[piece];
}
