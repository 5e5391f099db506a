namespace Pier.BitTorrent.Pieces;

/// <summary>The rules of picking in their order.</summary>
internal sealed class PiecePicker(IPickRule rules)
{
    private const int MaxAskedInEndgame = 3;

    /// <summary>Readers' windows, then what the peer suggests, then unfinished pieces, then rare ones, then endgame.</summary>
    public static PiecePicker Usual(ReaderWindows windows, Random random) => new(
        new WindowRule(windows, new SuggestedRule(new PartialsRule(new RarestFirstRule(random, new EndgameRule(MaxAskedInEndgame))))));

    /// <summary>Chooses blocks to ask a peer for and marks them as asked.</summary>
    public IReadOnlyList<BlockRef> Pick(PickRequest request)
    {
        rules.Pick(request);
        return request.Picked;
    }
}
