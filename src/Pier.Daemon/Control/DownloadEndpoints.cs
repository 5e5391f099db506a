using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pier.Api;
using Pier.Api.Downloads;
using Pier.Api.Progress;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Torrents;
using Pier.Content.Uris;
using Pier.Daemon.Downloads;
using Pier.Daemon.Http;
using Pier.Daemon.Nodes;
using Pier.Daemon.Progress;
using Pier.Fetch.Uris;

namespace Pier.Daemon.Control;

/// <summary><c>/v1/downloads</c>: content by URI, fetched here and read by the CLI.</summary>
internal static class DownloadEndpoints
{
    private const int CopyBuffer = 256 << 10;

    /// <summary>A torrent file of the greatest size in base64 (RFC 4648: four letters for three bytes), and what stands around it.</summary>
    private static readonly int MaxRequestBytes = (MetainfoLimits.Default.MaxTorrentBytes / 3 * 4) + (1 << 20);

    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(ApiPaths.Downloads, static async (HttpContext context, DownloadDesk desk, TimeProvider clock) =>
        {
            var request = await Bodies.ReadAsync(context, ApiJson.Default.DownloadRequest, MaxRequestBytes);
            var (uris, files) = (Parse(request), Choose(request));
            var start = clock.GetTimestamp();
            await ProgressStream.RunAsync(context, async (board, cancellationToken) =>
            {
                var (id, download) = await desk.AddAsync(uris, files, new BoardProgress(board), cancellationToken);
                return new DownloadResult(
                    id, download.Name, download.IsSingleFile, [.. download.Files.Select((file, index) => Describe(download, file, index))],
                    StatusRecords.Sources(download.Sources), clock.GetElapsedTime(start).TotalSeconds,
                    [.. download.Links.Select(link => new Api.Downloads.DownloadedLink(link.Path, link.Target))]);
            });
        });
        endpoints.MapGet(ApiPaths.Downloads + "/{id}/{index:int}", static async (HttpContext context, string id, int index, DownloadDesk desk) =>
        {
            await using var file = await desk.OpenAsync(id, index, context.RequestAborted);
            context.Response.ContentType = "application/octet-stream";
            context.Response.ContentLength = file.Length;
            await file.CopyToAsync(context.Response.Body, CopyBuffer, context.RequestAborted);
        });
        endpoints.MapDelete(ApiPaths.Downloads + "/{id}", static (string id, DownloadDesk desk) =>
        {
            desk.Remove(id);
            return TypedResults.NoContent();
        });
    }

    private static IReadOnlyList<ContentUri> Parse(DownloadRequest request)
    {
        try
        {
            return request.Uris is { Count: > 0 and <= ContentUri.MaxFallbacks }
                ? [.. request.Uris.Select(word => request.TorrentFiles?.TryGetValue(word, out var torrent) == true
                    ? new TorrentDocumentUri(word, torrent)
                    : ContentUri.Parse(word))]
                : throw ControlException.BadRequest($"The request names no URI, or more than {ContentUri.MaxFallbacks}.");
        }
        catch (ContentUriException malformed)
        {
            throw ControlException.BadRequest(malformed.Message, "magnet:, http(s)://, oci:// and sha256: work, and torrent files by their path; 'pier get --help' has examples.");
        }
    }

    private static FileChoice Choose(DownloadRequest request)
    {
        try
        {
            return FileChoice.Of([.. (request.Select ?? []).Select(FilePattern.Parse)], [.. (request.Priorities ?? []).Select(FileRule.Parse)]);
        }
        catch (FileChoiceException malformed)
        {
            throw ControlException.BadRequest($"{malformed.Message}.", "'pier torrent show' lists a torrent's files with their indices.");
        }
    }

    /// <summary>In the answer the paths of a folder's files begin below it, so that whoever writes them names the folder.</summary>
    private static Api.Downloads.DownloadedFile Describe(Download download, Fetch.Uris.DownloadedFile file, int index) => new(
        index,
        !download.IsSingleFile && file.Path.StartsWith(download.Name + "/", StringComparison.Ordinal) ? file.Path[(download.Name.Length + 1)..] : file.Path,
        file.Size,
        file.IsExecutable);
}
