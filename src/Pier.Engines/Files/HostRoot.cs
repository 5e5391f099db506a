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

    /// <summary>Where a path of the host lies; links on the way are followed inside the root.</summary>
    public string Place(string path)
    {
        for (var links = 0; links < MaxLinks; links++)
        {
            var place = Path.Combine(Folder, path.TrimStart('/'));
            if (new FileInfo(place).LinkTarget is not { } target)
            {
                return place;
            }
            path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, target));
        }
        throw new EngineException($"{path} is a circle of symbolic links.");
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

    /// <summary>Replaces a file as a whole, keeps its mode, and makes folders that are missing.</summary>
    /// <returns>The folders made, outermost first, as paths of the host.</returns>
    /// <exception cref="EngineException">It cannot be written; the file is as it was.</exception>
    public IReadOnlyList<string> Write(string path, byte[] bytes, UnixFileMode mode = FileModes.Readable)
    {
        var place = Place(path);
        var temporary = $"{place}.pier-{Environment.ProcessId}";
        try
        {
            var made = MakeFolders(Path.GetDirectoryName(path)!);
            using (var file = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = File.Exists(place) ? File.GetUnixFileMode(place) : mode,
            }))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }
            if (File.Exists(place))
            {
                File.SetUnixFileMode(temporary, File.GetUnixFileMode(place));
            }
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
