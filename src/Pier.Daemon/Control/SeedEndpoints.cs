using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Pier.Api;
using Pier.Api.Nodes;
using Pier.Api.Progress;
using Pier.Api.Seeds;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Torrents;
using Pier.Daemon.Http;
using Pier.Daemon.Nodes;
using Pier.Daemon.Progress;
using Pier.Daemon.Seeds;
using Pier.Volumes.Shelf;

namespace Pier.Daemon.Control;

/// <summary><c>/v1/seeds</c>.</summary>
internal static class SeedEndpoints
{
    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(ApiPaths.Seeds, static (SeedLibrary seeds) => TypedResults.Json(new SeedList(seeds.List()), ApiJson.Default.SeedList));
        endpoints.MapPost(ApiPaths.Seeds, static async (HttpContext context, SeedLibrary seeds, Magnets magnets, VolumeShelf shelf) =>
            await AddAsync(context, seeds, magnets, shelf, await Bodies.ReadAsync(context, ApiJson.Default.SeedRequest)));
        endpoints.MapDelete(ApiPaths.Seeds + "/{infoHash}", RemoveAsync);
    }

    private static Task AddAsync(HttpContext context, SeedLibrary seeds, Magnets magnets, VolumeShelf shelf, SeedRequest request)
    {
        if (!Path.IsPathFullyQualified(request.Path ?? ""))
        {
            throw ControlException.BadRequest($"'{request.Path}' is not an absolute path.");
        }
        if (shelf.FindOn(request.Path!) is { } volume)
        {
            throw ControlException.BadRequest(
                $"'{request.Path}' leads to the volume '{volume.Name}', which this pierd answers itself.",
                "What is in it is given to others anyway; 'pier volume commit' publishes what was written to it.");
        }
        return ProgressStream.RunAsync(context, async (board, cancellationToken) =>
        {
            var (summary, torrent) = await seeds.AddAsync(request, new Hashing(board), cancellationToken);
            return new SeedResult(summary, magnets.FileOf(torrent));
        });
    }

    private static async Task<JsonHttpResult<SeedSummary>> RemoveAsync(string infoHash, SeedLibrary seeds, VolumeShelf shelf)
    {
        if (!InfoHash.TryParse(infoHash, out var parsed))
        {
            throw ControlException.BadRequest($"'{infoHash}' is not an info-hash: 40 hexadecimal digits.", "See 'pier seed --list'.");
        }
        var removed = await seeds.RemoveAsync(parsed);
        // Files of users stay; what 'pier volume commit' made is nobody else's.
        shelf.RemoveSnapshot(removed.Path);
        return TypedResults.Json(removed, ApiJson.Default.SeedSummary);
    }

    /// <summary>Hashing progress as one part of the work.</summary>
    internal sealed class Hashing(ProgressBoard board) : IProgress<TorrentCreationProgress>
    {
        public void Report(TorrentCreationProgress value) => board.Set(new ProgressItem(
            "hashing", "hashing", value.BytesHashed == value.BytesTotal ? ProgressState.Done : ProgressState.Running,
            value.BytesTotal, value.BytesHashed, SourceBytes.None));
    }
}
