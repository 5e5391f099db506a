namespace Pier.BitTorrent.Pieces;

/// <summary>The rules of picking in their order: readers' windows, then unfinished pieces, then rare ones, then endgame.</summary>
internal sealed class PiecePicker(ReaderWindows windows, Random random)
{
    private const int MaxAskedInEndgame = 3;

    private readonly WindowRule _rules = new(
        windows, new PartialsRule(new RarestFirstRule(random, new EndgameRule(MaxAskedInEndgame))));

    /// <summary>Chooses blocks to ask a peer for and marks them as asked.</summary>
    public IReadOnlyList<BlockRef> Pick(PickRequest request)
    {
        _rules.Pick(request);
        return request.Picked;
    }
}
