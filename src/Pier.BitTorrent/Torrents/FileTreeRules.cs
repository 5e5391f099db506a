namespace Pier.BitTorrent.Torrents;

/// <summary>
/// Checks that the paths of a torrent form one tree: no path twice, no file that is also a folder. A file below a symbolic
/// link is refused with the latter, so that no link can redirect where another file is written.
/// </summary>
internal static class FileTreeRules
{
    /// <exception cref="MetainfoException">Two files cannot both exist.</exception>
    public static void Check(IReadOnlyList<TorrentFile> files)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            // Padding is never written, and several clients give all of it the same name.
            if (!file.IsPadding && !paths.Add(file.RelativePath))
            {
                throw new MetainfoException("info", $"the file '{file.RelativePath}' is there twice");
            }
        }

        var folders = paths.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var path in paths)
        {
            for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.AsSpan(0, slash).LastIndexOf('/'))
            {
                if (folders.Contains(path.AsSpan(0, slash)))
                {
                    throw new MetainfoException("info", $"'{path.AsSpan(0, slash)}' is both a file and a folder");
                }
            }
        }
    }
}
