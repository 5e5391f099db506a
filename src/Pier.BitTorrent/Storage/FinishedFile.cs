using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Storage;

/// <summary>Gives a file that is complete its final name, with its bytes and then its name on disk.</summary>
internal static class FinishedFile
{
    /// <summary>Names a file, makes an empty one or a link.</summary>
    /// <param name="root">The torrent's folder.</param>
    /// <param name="file">The file.</param>
    /// <param name="path">Its name.</param>
    /// <param name="unfinished">Its name until now.</param>
    /// <param name="gate">Held while the name changes: who looks for one and then the other under it finds the file.</param>
    /// <returns>When it was changed last, in ticks; null when there was nothing to name.</returns>
    /// <exception cref="IOException">The disk refused.</exception>
    public static long? Name(string root, TorrentFile file, IReadOnlyList<string> path, IReadOnlyList<string> unfinished, Lock gate)
    {
        using var folder = NoFollow.OpenFolder(root, path, create: true)!;
        if (file.SymlinkTarget is { } target)
        {
            var up = Enumerable.Repeat("..", path.Count - 1);
            NoFollow.Link(folder, path[^1], string.Join('/', up.Concat(target)));
            return 0;
        }

        long modified;
        using (var part = NoFollow.OpenFile(root, unfinished, write: true, create: file.Length == 0))
        {
            if (part is null)
            {
                return null;
            }

            if (file.Attributes.HasFlag(TorrentFileAttributes.Executable))
            {
                File.SetUnixFileMode(part, File.GetUnixFileMode(part) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            }

            if (file.Length > 0)
            {
                RandomAccess.FlushToDisk(part);
            }

            modified = FileTimes.Of(part);
        }

        lock (gate)
        {
            NoFollow.Rename(folder, unfinished[^1], path[^1]);
        }

        return modified;
    }

    /// <summary>Has the names of a file's folder reach the disk.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void Sync(string root, IReadOnlyList<string> path)
    {
        using var folder = NoFollow.OpenFolder(root, path, create: false);
        if (folder is not null)
        {
            NoFollow.Sync(folder);
        }
    }
}
