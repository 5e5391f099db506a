using Pier.BitTorrent;
using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Dat.Serving;

namespace Pier.Dat.Getting;

/// <summary><c>pierdat URI DEST</c>: fetches, and notes how what came is served.</summary>
internal sealed class GetCommand(DatSettings settings, TimeProvider time)
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>What can fetch, by name.</summary>
    public static IReadOnlyList<string> Backends { get; } = ["bittorrent", "oci", "web"];

    /// <summary>Runs it.</summary>
    /// <exception cref="DatException">It cannot be had; says why.</exception>
    public async Task<int> RunAsync(DatArguments.Get command, CancellationToken cancellationToken)
    {
        var uri = UriOf(command.Uri);
        var backend = uri switch { WebUri => "web", OciUri => "oci", _ => "bittorrent" };
        Console.Out.WriteLine($"Possible backends: {backend}");
        Console.Out.WriteLine($"Trying backend {backend}...");
        using var web = new WebClient(time, settings.Patience);
        try
        {
            var got = uri switch
            {
                WebUri { Address: var address } => await new WebGet(web).RunAsync(address, command.Destination, cancellationToken),
                OciUri image => await new ImageGet(time).RunAsync(image, command.Destination, cancellationToken),
                _ => await new TorrentGet(settings, web, time).RunAsync(uri, command.Destination, cancellationToken),
            };
            Note(got);
            return 0;
        }
        catch (Exception failure) when (failure is DatException or BitTorrentException or ContentException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"{backend}: {failure.Message}");
            Console.Out.WriteLine("Error: No backends were successful.");
            return 1;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 1;
        }
    }

    /// <summary>Content URIs, and torrent files on this disk.</summary>
    private static ContentUri UriOf(string text)
    {
        if (text.EndsWith(".torrent", StringComparison.Ordinal) && File.Exists(text))
        {
            return new TorrentDocumentUri(text, File.ReadAllBytes(text));
        }

        if (!ContentUri.TryParse(text, out var uri, out var fault))
        {
            throw new DatException(fault);
        }

        return uri is MagnetUri or TorrentFileUri or WebUri or OciUri
            ? uri
            : throw new DatException($"Possible backends: none. '{text}' needs a Pier node: write it in a PIER line, with '# syntax=pier/frontend' as the Dockerfile's first line.");
    }

    private void Note(Fetched got)
    {
        var path = Path.GetFullPath(got.Path);
        if (got.Secret is { } reason)
        {
            Console.Out.WriteLine($"{path} is not served: {reason}");
            return;
        }

        var file = Path.Combine(settings.TorrentFolder, $"{got.Metainfo.Id.Primary}.torrent");
        if (ServeLine.Of(file, path) is not { } line)
        {
            Console.Out.WriteLine($"{path} is not served: its path has white space.");
            return;
        }

        Directory.CreateDirectory(settings.TorrentFolder);
        File.WriteAllBytes(file, got.Metainfo.ToTorrentFile());
        File.SetUnixFileMode(file, Readable);
        ServeList.Add(settings.ListFile, line);
    }
}
