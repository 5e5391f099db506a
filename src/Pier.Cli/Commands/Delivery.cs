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
        // After the files: none of them is written through a link of the same torrent.
        foreach (var link in result.Links ?? [])
        {
            var place = PlaceOf(target, link.Path);
            File.Delete(place);
            File.CreateSymbolicLink(place, Path.GetRelativePath(Path.GetDirectoryName(place)!, Path.Combine([target, .. Segments(link.Target)])));
        }
        return target;
    }

    /// <summary>Where a file goes; its folder is there then.</summary>
    private static string PlaceOf(string target, string file)
    {
        var path = Path.Combine([target, .. Segments(file)]);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
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
