namespace Pier.BitTorrent.Pieces;

/// <summary>Pieces that are begun are finished before others are started: only whole pieces can be checked and shared.</summary>
internal sealed class PartialsRule(IPickRule next) : IPickRule
{
    /// <inheritdoc/>
    public void Pick(PickRequest request)
    {
        var partials = request.Board.Partials;
        for (var index = 0; index < partials.Count && request.Wanted > 0; index++)
        {
            request.TakeFrom(partials[index]);
        }

        if (request.Wanted > 0)
        {
            next.Pick(request);
        }
    }
}
