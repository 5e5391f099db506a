namespace Pier.BitTorrent.Pieces;

/// <summary>What a reader waits for comes first, in order; several readers take turns, one piece each.</summary>
internal sealed class WindowRule(ReaderWindows windows, IPickRule next) : IPickRule
{
    /// <inheritdoc/>
    public void Pick(PickRequest request)
    {
        var all = windows.All;
        if (all.Count > 0)
        {
            PickWindows(request, all);
        }

        if (request.Wanted > 0)
        {
            next.Pick(request);
        }
    }

    private static void PickWindows(PickRequest request, IReadOnlyList<ReaderWindow> all)
    {
        (int First, int End)[] windows = [.. all.Where(window => !window.IsSpot).Select(window => request.Board.Grid.PiecesOf(window.Range))];
        var longest = windows.Length == 0 ? 0 : windows.Max(window => window.End - window.First);
        for (var depth = 0; depth < longest && request.Wanted > 0; depth++)
        {
            foreach (var (first, end) in windows)
            {
                if (first + depth < end && request.Wanted > 0)
                {
                    Take(request, first + depth);
                }
            }
        }
    }

    private static void Take(PickRequest request, int piece)
    {
        var partial = request.Board.PartialOf(piece)
            ?? (request.CanStart(piece) ? request.Board.TryStart(piece) : null);
        if (partial is not null)
        {
            request.TakeFrom(partial);
        }
    }
}
