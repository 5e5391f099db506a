using System.CommandLine;
using System.Formats.Tar;
using System.IO.Pipelines;
using Pier.Api;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier export</c>: an image as an OCI image layout, a folder or a tar.</summary>
internal static class ExportCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var image = new Argument<string>("IMAGE") { Description = "An image in the node's store" };
        var path = new Argument<string>("PATH") { Description = "Folder to make, file that ends in .tar, or - for standard output" };
        return new PierCommand("export", "Write an image as an OCI image layout",
            ("pier export debian:12 debian/", "A folder: oci-layout, index.json and the blobs as they were published"),
            ("pier export debian:12 debian.tar", "The same in one file"))
        { image, path }
        .Does(async (session, parsed, cancellationToken) =>
        {
            var source = $"{ApiPaths.Export}?image={Uri.EscapeDataString(parsed.GetRequiredValue(image))}";
            var target = parsed.GetRequiredValue(path);
            if (target == "-")
            {
                await using var output = Console.OpenStandardOutput();
                await session.Daemon.CopyToAsync(source, output, cancellationToken);
                return;
            }
            if (target.EndsWith(".tar", StringComparison.Ordinal))
            {
                await ToFileAsync(session.Daemon, source, target, cancellationToken);
            }
            else
            {
                await ToFolderAsync(session.Daemon, source, target, cancellationToken);
            }
            session.Write(new WrittenPath(target), CliJson.Default.WrittenPath, writer => writer.WriteLine(target));
        });
    }

    private static async Task ToFileAsync(ControlClient daemon, string source, string path, CancellationToken cancellationToken)
    {
        var temporary = $"{path}.pier-part";
        try
        {
            await using (var file = File.Create(temporary))
            {
                await daemon.CopyToAsync(source, file, cancellationToken);
            }
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static async Task ToFolderAsync(ControlClient daemon, string source, string folder, CancellationToken cancellationToken)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new CommandException(ExitCode.Conflict, $"The folder {folder} is not empty.", "Name a new or an empty folder.");
        }
        Directory.CreateDirectory(folder);
        var pipe = new Pipe();
        var reading = ExtractAsync(pipe.Reader, folder, cancellationToken);
        Exception? failure = null;
        try
        {
            await daemon.CopyToAsync(source, pipe.Writer.AsStream(leaveOpen: true), cancellationToken);
        }
        catch (Exception broken)
        {
            failure = broken;
            throw;
        }
        finally
        {
            await pipe.Writer.CompleteAsync(failure);
            await reading;
        }
    }

    private static async Task ExtractAsync(PipeReader reader, string folder, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            await using var stream = reader.AsStream(leaveOpen: true);
            await TarFile.ExtractToDirectoryAsync(stream, folder, overwriteFiles: false, cancellationToken);
            // The tar reader stops at the end mark; what pads the file after it must still leave the pipe.
            await stream.CopyToAsync(Stream.Null, cancellationToken);
        }
        catch (Exception broken)
        {
            failure = broken;
            throw;
        }
        finally
        {
            await reader.CompleteAsync(failure);
        }
    }
}
