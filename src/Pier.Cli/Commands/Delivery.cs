using Pier.Api;
using Pier.Api.Downloads;
using Pier.Api.Progress;
using Pier.BitTorrent.Torrents;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary>
/// Writes what the daemon has downloaded where the user wants it, as the user: the daemon never touches that place.
/// Each file gets its name once it is whole.
/// </summary>
internal sealed class Delivery(ControlClient daemon)
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The path that was written; null for standard output.</summary>
    public async Task<string?> WriteAsync(DownloadResult result, string destination, CancellationToken cancellationToken)
    {
        if (destination == "-")
        {
            if (!result.SingleFile)
            {
                throw new CommandException(ExitCode.Usage, $"{result.Name} is a folder of {result.Files.Count} files; only a single file fits standard output.", "Name a folder as DEST.");
            }
            await using var output = Console.OpenStandardOutput();
            await daemon.CopyToAsync(PathOf(result, result.Files[0]), output, cancellationToken);
            return null;
        }
        var target = Directory.Exists(destination) ? Path.Combine(destination, Segment(result.Name)) : destination;
        if (result.SingleFile)
        {
            await WriteFileAsync(result, result.Files[0], target, cancellationToken);
            return target;
        }
        foreach (var file in result.Files)
        {
            await WriteFileAsync(result, file, PlaceOf(target, file.Path), cancellationToken);
        }
        foreach (var link in result.Links ?? [])
        {
            MakeLink(target, link);
        }
        return target;
    }

    /// <summary>
    /// Where a file or link goes; its folder is there then. Nothing is written through a link, be it of this torrent or of
    /// one that came here before: two of them could lead out of the folder together.
    /// </summary>
    private static string PlaceOf(string target, string file)
    {
        var segments = Segments(file);
        var folder = target;
        Directory.CreateDirectory(folder);
        foreach (var segment in segments[..^1])
        {
            folder = Path.Combine(folder, segment);
            if (new DirectoryInfo(folder).LinkTarget is not null)
            {
                throw new CommandException(ExitCode.Failed, $"{folder} is a symbolic link; nothing is written through it.", "Choose another DEST, or remove the link.");
            }
            Directory.CreateDirectory(folder);
        }
        return Path.Combine(folder, segments[^1]);
    }

    private static void MakeLink(string target, DownloadedLink link)
    {
        var place = PlaceOf(target, link.Path);
        var leadsTo = Path.GetRelativePath(Path.GetDirectoryName(place)!, Path.Combine([target, .. Segments(link.Target)]));
        try
        {
            if (Directory.Exists(place) && new DirectoryInfo(place).LinkTarget is null)
            {
                throw new IOException("a folder bears its name");
            }
            ReplaceByLink(place, leadsTo);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Failed, $"The symbolic link {place} cannot be made: {refused.Message.TrimEnd('.')}.", "Choose another DEST, or leave the link out with --select.");
        }
    }

    /// <summary>Not by <see cref="File.Move(string, string, bool)"/>, which finds no link to a folder; what bears the name goes only once a link could be made beside it.</summary>
    private static void ReplaceByLink(string place, string leadsTo)
    {
        var temporary = $"{place}.pier-part";
        try
        {
            File.Delete(temporary);
            File.CreateSymbolicLink(temporary, leadsTo);
            File.Delete(place);
            File.CreateSymbolicLink(place, leadsTo);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static string[] Segments(string path)
    {
        var segments = path.Split('/');
        return TorrentPathRules.Problem(segments) is { } problem
            ? throw new CommandException(ExitCode.Failed, $"The file name '{path}' is refused: {problem}.")
            : segments;
    }

    private async Task WriteFileAsync(DownloadResult result, DownloadedFile file, string path, CancellationToken cancellationToken)
    {
        var temporary = $"{path}.pier-part";
        try
        {
            // Not what an earlier torrent put there, which could be a link.
            File.Delete(temporary);
            await using (var output = File.Create(temporary))
            {
                await daemon.CopyToAsync(PathOf(result, file), output, cancellationToken);
            }
            if (file.Executable)
            {
                File.SetUnixFileMode(temporary, File.GetUnixFileMode(temporary) | Executable);
            }
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static string PathOf(DownloadResult result, DownloadedFile file) => $"{ApiPaths.Downloads}/{Uri.EscapeDataString(result.Id)}/{file.Index}";

    private static string Segment(string name) => TorrentPathRules.Problem(name) is { } problem
        ? throw new CommandException(ExitCode.Failed, $"The name '{name}' is refused: {problem}.", "Name the file or folder to write as DEST.")
        : name;
}
