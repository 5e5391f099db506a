using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Pieces;

/// <summary>Translates the priorities of files into those of pieces.</summary>
internal static class PiecePriorities
{
    /// <summary>The priority of each piece: the highest of the files that have bytes in it.</summary>
    /// <param name="layout">The torrent's files and pieces.</param>
    /// <param name="files">A priority for each file.</param>
    public static FilePriority[] Of(TorrentLayout layout, IReadOnlyList<FilePriority> files)
    {
        var pieces = new FilePriority[layout.PieceCount];
        var wantsAll = true;
        for (var index = 0; index < layout.Files.Count; index++)
        {
            var file = layout.Files[index];
            if (file.IsPadding || file.Length == 0)
            {
                continue;
            }

            wantsAll &= files[index] != FilePriority.Skip;
            var last = (int)((file.End - 1) / layout.PieceLength);
            for (var piece = (int)(file.Offset / layout.PieceLength); piece <= last; piece++)
            {
                pieces[piece] = files[index] > pieces[piece] ? files[index] : pieces[piece];
            }
        }

        // Nobody is a seed without the pieces that are padding and nothing else.
        for (var piece = 0; wantsAll && piece < pieces.Length; piece++)
        {
            pieces[piece] = pieces[piece] == FilePriority.Skip ? FilePriority.Low : pieces[piece];
        }

        return pieces;
    }
}
