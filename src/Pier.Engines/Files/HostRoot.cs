using System.Text;

namespace Pier.Engines.Files;

/// <summary>The files of a host, below <c>/</c> or below a folder that stands for it; a symbolic link stays and its target changes.</summary>
/// <param name="Folder">The folder that stands for <c>/</c>.</param>
/// <param name="Home">Home of the user whose configuration is meant, as a path of that host.</param>
public sealed record HostRoot(string Folder, string Home)
{
    private const long MaxFile = 4 << 20;
    private const int MaxLinks = 40;

    /// <summary>True for this host's own files.</summary>
    public bool IsThisHost => Path.GetFullPath(Folder) == "/";

    /// <summary>Where a path of the host lies; links on the way, folders among them, are followed inside the root and never out of it.</summary>
    public string Place(string path)
    {
        var (inside, links) = ("/", 0);
        var ahead = new Stack<string>();
        Push(ahead, path);
        while (ahead.TryPop(out var part))
        {
            var next = part == ".." ? Path.GetDirectoryName(inside) ?? "/" : Path.Combine(inside, part);
            if (part == ".." || new FileInfo(Below(next)).LinkTarget is not { } target)
            {
                inside = next;
                continue;
            }
            if (++links > MaxLinks)
            {
                throw new EngineException($"{path} is a circle of symbolic links.");
            }
            inside = Path.IsPathRooted(target) ? "/" : inside;
            Push(ahead, target);
        }
        return Below(inside);
    }

    /// <summary>The bytes of a file, or null when there is none.</summary>
    /// <exception cref="EngineException">It cannot be read, or is far larger than any configuration.</exception>
    public byte[]? Read(string path)
    {
        var place = Place(path);
        try
        {
            if (!File.Exists(place))
            {
                return null;
            }
            return new FileInfo(place).Length <= MaxFile ? File.ReadAllBytes(place)
                : throw new EngineException($"{path} has more than {MaxFile >> 20} MiB and is left as it is.");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{path} cannot be read: {refused.Message}", "Run the command as root (sudo).", refused);
        }
    }

    /// <summary>The text of a file, or null when there is none.</summary>
    public string? ReadText(string path) => Read(path) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>The names of the files in a folder, in order; none when there is no such folder.</summary>
    public IReadOnlyList<string> Files(string folder) => Directory.Exists(Place(folder))
        ? [.. Directory.EnumerateFiles(Place(folder)).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The names of the folders in a folder, in order.</summary>
    public IReadOnlyList<string> Folders(string folder) => Directory.Exists(Place(folder))
        ? [.. Directory.EnumerateDirectories(Place(folder)).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Replaces a file as a whole, keeps its mode and owner, and makes folders that are missing.</summary>
    /// <param name="path">The file, as a path of the host.</param>
    /// <param name="bytes">All of it.</param>
    /// <param name="mode">For a file that is not there; a secret one is given it in any case.</param>
    /// <returns>The folders made, outermost first, as paths of the host.</returns>
    /// <exception cref="EngineException">It cannot be written; the file is as it was.</exception>
    public IReadOnlyList<string> Write(string path, byte[] bytes, UnixFileMode mode = FileModes.Readable) =>
        WriteExactly(path, bytes, mode != FileModes.Secret && ModeOf(path) is { } kept ? kept : mode);

    /// <summary>The permissions of a file; null when there is none.</summary>
    public UnixFileMode? ModeOf(string path) => File.Exists(Place(path)) ? File.GetUnixFileMode(Place(path)) : null;

    /// <summary>Replaces a file as a whole, keeps its owner, and gives it these permissions.</summary>
    /// <inheritdoc cref="Write(string, byte[], UnixFileMode)"/>
    public IReadOnlyList<string> WriteExactly(string path, byte[] bytes, UnixFileMode mode)
    {
        var place = Place(path);
        var temporary = $"{place}.pier-{Environment.ProcessId}";
        try
        {
            var made = MakeFolders(Path.GetDirectoryName(path)!);
            using (var file = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = mode,
            }))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }
            if (File.Exists(place))
            {
                FileOwner.Copy(place, temporary);
            }
            // Of what was asked for at first the process's mask may have taken some.
            File.SetUnixFileMode(temporary, mode);
            File.Move(temporary, place, overwrite: true);
            return made;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw new EngineException($"{path} cannot be written: {refused.Message}", "Run the command as root (sudo).", refused);
        }
    }

    /// <summary>Removes a file, and then those of the folders that are empty.</summary>
    /// <exception cref="EngineException">It cannot be removed.</exception>
    public void Delete(string path, IReadOnlyList<string> folders)
    {
        try
        {
            File.Delete(Place(path));
            foreach (var folder in folders.Reverse())
            {
                if (Directory.Exists(Place(folder)) && !Directory.EnumerateFileSystemEntries(Place(folder)).Any())
                {
                    Directory.Delete(Place(folder));
                }
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{path} cannot be removed: {refused.Message}", "Run the command as root (sudo).", refused);
        }
    }

    private string Below(string inside) => Path.Combine(Folder, inside.TrimStart('/'));

    private static void Push(Stack<string> ahead, string path)
    {
        foreach (var part in path.Split('/').Where(part => part is not ("" or ".")).Reverse())
        {
            ahead.Push(part);
        }
    }

    private List<string> MakeFolders(string folder)
    {
        var made = new List<string>();
        for (var missing = folder; !Directory.Exists(Place(missing)); missing = Path.GetDirectoryName(missing)!)
        {
            made.Insert(0, missing);
        }
        Directory.CreateDirectory(Place(folder));
        return made;
    }
}
