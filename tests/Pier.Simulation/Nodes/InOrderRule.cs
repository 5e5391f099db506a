using Pier.BitTorrent.Pieces;

namespace Pier.Simulation.Nodes;

/// <summary>A broken picker: everyone starts the first missing piece, so that nobody has what others lack.</summary>
internal sealed class InOrderRule(IPickRule next) : IPickRule
{
    private const int MaxAskedInEndgame = 3;

    /// <summary>The usual rules, with this one for the rarest first.</summary>
    public static PiecePicker Picker(ReaderWindows windows, Random random) =>
        new(new WindowRule(windows, new PartialsRule(new InOrderRule(new EndgameRule(MaxAskedInEndgame)))));

    /// <inheritdoc/>
    public void Pick(PickRequest request)
    {
        for (var piece = 0; piece < request.Board.Grid.PieceCount && request.Wanted > 0; piece++)
        {
            if (request.CanStart(piece) && request.Board.TryStart(piece) is { } partial)
            {
                request.TakeFrom(partial);
            }
        }

        if (request.Wanted > 0)
        {
            next.Pick(request);
        }
    }
}
