using System.CommandLine;
using System.Formats.Tar;
using System.Net;
using Pier.Api;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier import</c>: an OCI image layout, a folder or a tar, into the store.</summary>
internal static class ImportCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var path = new Argument<string>("PATH") { Description = "Folder with an OCI image layout, a tar of one, or - for standard input" };
        var name = new Option<string>("--name") { HelpName = "IMAGE", Description = "Give the layout's only image this name (default the layout's own)" };
        return new PierCommand("import", "Read an OCI image layout into the node's store",
            ("pier import debian/ --name debian:12", "A folder, as 'skopeo copy … oci:debian' writes it"),
            ("docker buildx build -o type=oci,dest=- . | pier import -", "A tar from a pipe"))
        { path, name }
        .Does(async (session, parsed, cancellationToken) =>
        {
            using var body = Open(parsed.GetRequiredValue(path));
            var query = parsed.GetValue(name) is { } given ? $"?name={Uri.EscapeDataString(given)}" : "";
            var answer = await session.Daemon.PostStreamAsync(ApiPaths.Import + query, body, ApiJson.Default.ImportAnswer, cancellationToken);
            session.Write(answer, ApiJson.Default.ImportAnswer, writer =>
            {
                writer.WriteLine($"imported {answer.Blobs} blobs, {Sizes.Bytes(answer.Bytes)}");
                foreach (var name in answer.Images.Count > 0 ? answer.Images : answer.Digests)
                {
                    writer.WriteLine(name);
                }
            });
        });
    }

    private static HttpContent Open(string path) =>
        path == "-" ? new StreamContent(Console.OpenStandardInput())
        : Directory.Exists(path) ? new FolderContent(path)
        : File.Exists(path) ? new StreamContent(File.OpenRead(path))
        : throw new CommandException(ExitCode.NotFound, $"There is no file or folder {Path.GetFullPath(path)}.");

    /// <summary>A folder as a tar, made while it is sent.</summary>
    private sealed class FolderContent(string folder) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            TarFile.CreateFromDirectoryAsync(folder, stream, includeBaseDirectory: false, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
