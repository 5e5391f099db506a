using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Swarms.Blocks;

/// <summary>Turns the choice of files and the places of readers into wanted pieces. Part of a swarm's loop.</summary>
internal sealed class PieceSelection(
    PieceBoard board, TorrentLayout layout, ReaderWindows windows, PeerInterest interest, Downloader downloader, PieceChecker checker)
{
    /// <summary>Other files are wanted: what is begun of no others is given up.</summary>
    public void Choose(IReadOnlyList<FilePriority> files)
    {
        board.Demand.Choose(PiecePriorities.Of(layout, files));
        board.Demand.Rebuild(WindowPieces, [], SpotPieces);
        foreach (var partial in board.Partials.Where(partial => !board.Demand.Wanted[partial.Piece]).ToArray())
        {
            downloader.GiveUp(partial);
        }

        interest.Recount();
        downloader.FillAll();
    }

    /// <summary>Readers look elsewhere.</summary>
    public void WindowsMoved()
    {
        checker.LookAtHeld();

        // When everything is selected a window changes the order alone.
        if (board.Demand.IsPartial)
        {
            board.Demand.Rebuild(WindowPieces, board.Partials.Select(partial => partial.Piece), SpotPieces);
            interest.Recount();
        }

        downloader.FillAll();
    }

    private IEnumerable<(int First, int End)> WindowPieces => windows.All.Where(window => !window.IsSpot).Select(window => board.Grid.PiecesOf(window.Range));

    private IEnumerable<int> SpotPieces =>
        windows.All.Where(window => window.IsSpot).Select(window => board.Grid.PiecesOf(window.Range).First).Where(piece => piece < board.Grid.PieceCount);
}
