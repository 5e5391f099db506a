namespace Pier.BitTorrent.Pieces;

/// <summary>
/// When every missing block is asked for, idle peers are asked for the same blocks again, so that the last ones do not wait for
/// the slowest peer; whoever comes second is cancelled.
/// </summary>
/// <param name="maxAsked">Peers asked for one block at the same time.</param>
internal sealed class EndgameRule(int maxAsked) : IPickRule
{
    /// <inheritdoc/>
    public void Pick(PickRequest request)
    {
        if (!request.Board.AllStarted || request.Picked.Count > 0)
        {
            return;
        }

        for (var asked = 1; asked < maxAsked && request.Wanted > 0; asked++)
        {
            TakeAsked(request, asked);
        }
    }

    private static void TakeAsked(PickRequest request, int asked)
    {
        foreach (var partial in request.Board.Partials)
        {
            if (!request.Pieces[partial.Piece])
            {
                continue;
            }

            for (var block = 0; block < partial.BlockCount && request.Wanted > 0; block++)
            {
                if (partial.AskedOf(block) == asked)
                {
                    request.TakeAgain(partial, block);
                }
            }
        }
    }
}
