using System.Text;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Creation;

/// <summary>
/// Finds the files below a path, in the order of a v2 file tree: names by their raw bytes, folder by folder. Links within the
/// folder stay links (BEP 47); links out of it are refused rather than followed or left out in silence. Empty files are never
/// opened, so that a named pipe cannot hold the scan up.
/// </summary>
internal static class SourceScan
{
    /// <exception cref="TorrentCreationException">Nothing there, or something that cannot go into a torrent.</exception>
    public static List<SourceFile> Scan(string path, string name)
    {
        try
        {
            if (File.Exists(path))
            {
                return [Regular(new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path), [name])];
            }

            if (!Directory.Exists(path))
            {
                throw new TorrentCreationException(path, "no such file or folder");
            }

            var files = new List<SourceFile>();
            Walk(new DirectoryInfo(path), [], files, new DirectoryInfo(path).FullName);
            return files.Count > 0 ? files : throw new TorrentCreationException(path, "the folder has no files");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TorrentCreationException(path, error.Message, error);
        }
    }

    private static void Walk(DirectoryInfo folder, string[] above, List<SourceFile> files, string root)
    {
        var entries = folder.GetFileSystemInfos();
        Array.Sort(entries, static (left, right) =>
            Encoding.UTF8.GetBytes(left.Name).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right.Name)));
        foreach (var entry in entries)
        {
            string[] path = [.. above, entry.Name];
            if (TorrentPathRules.Problem(path) is { } problem)
            {
                throw new TorrentCreationException(entry.FullName, problem);
            }

            if (entry.LinkTarget is { } target)
            {
                files.Add(Link(entry, target, path, root));
            }
            else if (entry is DirectoryInfo child)
            {
                Walk(child, path, files, root);
            }
            else
            {
                files.Add(Regular((FileInfo)entry, path));
            }
        }
    }

    private static SourceFile Regular(FileInfo file, string[] path)
    {
        const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var isExecutable = !OperatingSystem.IsWindows() && (file.UnixFileMode & AnyExecute) != UnixFileMode.None;
        var attributes = isExecutable ? TorrentFileAttributes.Executable : TorrentFileAttributes.None;
        return new SourceFile(path, file.FullName, file.Length, attributes, SymlinkTarget: null);
    }

    private static SourceFile Link(FileSystemInfo link, string target, string[] path, string root)
    {
        var folder = System.IO.Path.GetDirectoryName(link.FullName)!;
        var inside = System.IO.Path.GetRelativePath(root, System.IO.Path.GetFullPath(target, folder));
        var segments = inside.Split(System.IO.Path.DirectorySeparatorChar);
        if (System.IO.Path.IsPathRooted(target) || TorrentPathRules.Problem(segments) is not null)
        {
            throw new TorrentCreationException(link.FullName, $"the symbolic link leads out of the folder, to '{target}'");
        }

        return new SourceFile(path, link.FullName, 0, TorrentFileAttributes.Symlink, segments);
    }
}
