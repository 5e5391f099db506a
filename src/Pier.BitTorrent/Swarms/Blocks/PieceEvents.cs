namespace Pier.BitTorrent.Swarms.Blocks;

/// <summary>Gives events that only concern pieces to them. Part of a swarm's loop.</summary>
internal static class PieceEvents
{
    /// <summary>Applies one event.</summary>
    /// <param name="happened">Which; one of another kind is passed over.</param>
    /// <param name="pieces">Null while the torrent is not known, when there is nobody to hear it.</param>
    public static void Apply(SwarmEvent happened, PiecePhase? pieces)
    {
        switch (happened)
        {
            case SwarmEvent.PieceChecked check:
                pieces?.Checked(check.Outcome);
                check.Lender?.Return(check);
                break;
            case SwarmEvent.WindowsChanged:
                pieces?.Selection.WindowsMoved();
                break;
            case SwarmEvent.BlocksWanted wanted:
                pieces?.Spots.Want(wanted.Blocks);
                break;
            case SwarmEvent.RangeStored range:
                pieces?.CheckStored(range.Range);
                break;
            case SwarmEvent.PiecesStored stored:
                pieces?.Stored(stored.Pieces);
                break;
        }
    }
}
