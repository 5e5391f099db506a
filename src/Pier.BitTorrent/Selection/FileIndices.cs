using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Selection;

/// <summary>The numbers by which files are selected (BEP 53).</summary>
public static class FileIndices
{
    /// <summary>
    /// The number of each file. Padding has numbers too; in a v2-only torrent, which lists none, the gap after each file is
    /// counted as if it were padding, as libtorrent does: the same files have the same numbers in v2 and hybrid torrents.
    /// </summary>
    public static IReadOnlyList<int> Of(Metainfo metainfo)
    {
        ArgumentNullException.ThrowIfNull(metainfo);
        var indices = new int[metainfo.Files.Count];
        var next = 0;
        for (var file = 0; file < indices.Length; file++)
        {
            indices[file] = next++;
            if (!metainfo.HasV1 && metainfo.Files[file].Length % metainfo.PieceLength != 0)
            {
                next++;
            }
        }

        return indices;
    }
}
