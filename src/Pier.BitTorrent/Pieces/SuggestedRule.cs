namespace Pier.BitTorrent.Pieces;

/// <summary>
/// What a peer suggests is asked of it before all else (BEP 6): a seed that gives each peer other pieces of those that nobody else
/// has sends little more than one copy before the swarm can feed itself.
/// </summary>
internal sealed class SuggestedRule(IPickRule next) : IPickRule
{
    /// <inheritdoc/>
    public void Pick(PickRequest request)
    {
        for (var place = 0; place < request.Suggested.Count && request.Wanted > 0; place++)
        {
            var piece = request.Suggested[place];
            var partial = request.Board.PartialOf(piece)
                ?? (request.Board.Demand.IsToBeStarted(piece) && request.CanStart(piece) ? request.Board.TryStart(piece) : null);
            if (partial is not null)
            {
                request.TakeFrom(partial);
            }
        }

        if (request.Wanted > 0 && !request.IsSuggestedOnly)
        {
            next.Pick(request);
        }
    }
}
