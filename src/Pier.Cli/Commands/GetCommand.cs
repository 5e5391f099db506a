using System.CommandLine;
using Pier.Api;
using Pier.Api.Downloads;
using Pier.Api.Progress;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier get</c>: content by URI into a file or folder.</summary>
internal static class GetCommand
{
    /// <summary>As many fallbacks as a content URI may have (Pier.Content), and the destination.</summary>
    private const int MaxWords = 33;

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        // One argument: a list of URIs before another argument would take that too.
        var words = new Argument<string[]>("URI... DEST")
        {
            Description = "magnet:, .torrent URL or path, http(s)://, oci:// or sha256:, several being fallbacks for the same bytes; "
                + "last the file or folder to write, - for standard output",
            Arity = new ArgumentArity(2, MaxWords),
        };
        var select = new Option<string[]>("--select", "--include", "--files")
        {
            HelpName = "FILES",
            Description = "Only these files of a torrent: a glob over paths, or indices such as 0-4,7; may be repeated",
        };
        var priority = new Option<string[]>("--priority")
        {
            HelpName = "FILES=LEVEL",
            Description = "Fetch these files of a torrent sooner or later: high, normal, low or skip; may be repeated, the last one wins",
        };
        return new PierCommand("get", "Fetch content by URI",
            ("pier get 'magnet:?xt=urn:btih:…' .", "A torrent into this folder"),
            ("pier get data.torrent .", "The same by its torrent file"),
            ("pier get --select '*.csv' --priority 'index.csv=high' data.torrent .", "Some of a torrent's files, one of them first"),
            ("pier get https://example.org/data.torrent https://example.org/data.bin data.bin", "From the swarm, else from the web"),
            ("pier get sha256:2c26b46b… - | tar t", "A blob to standard output"),
            ("pier get oci://docker.io/library/busybox:1.36 busybox", "An image as an OCI layout"))
        { words, select, priority }
        .Does(async (session, parsed, cancellationToken) =>
        {
            string[] given = parsed.GetRequiredValue(words);
            var request = new DownloadRequest(given[..^1], await TorrentFilesAsync(given[..^1], cancellationToken), parsed.GetValue(select), parsed.GetValue(priority));
            var result = await session.FollowAsync<DownloadRequest, DownloadResult>(
                ApiPaths.Downloads, request, ApiJson.Default.DownloadRequest, cancellationToken);
            var written = await new Delivery(session.Daemon).WriteAsync(result, given[^1], cancellationToken);
            await session.Daemon.DeleteAsync($"{ApiPaths.Downloads}/{Uri.EscapeDataString(result.Id)}", cancellationToken);
            if (written is null)
            {
                return;
            }
            session.Write<ProgressLine>(result, ApiJson.Default.ProgressLine, writer =>
            {
                // A script is told the path as it is.
                writer.WriteLine(Console.IsOutputRedirected ? written : PlainText.Of(written));
                writer.WriteLine(
                    $"{Sizes.Bytes(result.Files.Sum(file => file.Size))} in {Sizes.Duration(TimeSpan.FromSeconds(result.Seconds))}: {SourceSplit.Amounts(result.Sources)}");
            });
        });
    }

    private static async Task<IReadOnlyDictionary<string, byte[]>?> TorrentFilesAsync(string[] words, CancellationToken cancellationToken)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var path in words.Where(LocalTorrent.IsPath))
        {
            files[path] = await LocalTorrent.ReadAsync(path, cancellationToken);
        }
        return files.Count > 0 ? files : null;
    }
}
