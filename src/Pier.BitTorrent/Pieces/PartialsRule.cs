namespace Pier.BitTorrent.Pieces;

/// <summary>Pieces that are begun are finished before others are started: only whole pieces can be checked and shared.</summary>
internal sealed class PartialsRule(IPickRule next) : IPickRule
{
    /// <inheritdoc/>
    public void Pick(PickRequest request)
    {
        // A piece of which the last block is taken leaves the list.
        var open = request.Board.Open;
        for (var place = 0; place < open.Count && request.Wanted > 0;)
        {
            var partial = open[place];
            request.TakeFrom(partial);
            place += partial.Unasked > 0 ? 1 : 0;
        }

        if (request.Wanted > 0)
        {
            next.Pick(request);
        }
    }
}
