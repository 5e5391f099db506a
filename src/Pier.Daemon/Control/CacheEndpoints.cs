using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pier.Api;
using Pier.Api.Cache;
using Pier.Daemon.Cache;
using Pier.Daemon.Http;
using Pier.Daemon.Progress;
using Pier.Store.Eviction;

namespace Pier.Daemon.Control;

/// <summary><c>/v1/cache</c>: the store by image, room on demand, and hashing again.</summary>
internal static class CacheEndpoints
{
    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(ApiPaths.Cache, static async Task<IResult> (string? name, CacheDesk desk, CancellationToken cancellationToken) => name is null
            ? TypedResults.Json(await desk.ReportAsync(cancellationToken), ApiJson.Default.CacheReport)
            : TypedResults.Json(await desk.ShowAsync(name, cancellationToken), ApiJson.Default.CachedParts));
        endpoints.MapPost(ApiPaths.CachePrune, static async (HttpContext context, Evictor evictor, TimeProvider clock) =>
        {
            var request = await Bodies.ReadAsync(context, ApiJson.Default.PruneRequest);
            if (request.KeepBytes < 0 || !(request.UnusedSeconds >= 0) || request.UnusedSeconds > TimeSpan.MaxValue.TotalSeconds / 2)
            {
                throw ControlException.BadRequest("Neither bytes nor seconds can be negative or beyond all bounds.");
            }
            var now = clock.GetUtcNow();
            var unused = TimeSpan.FromSeconds(request.UnusedSeconds);
            var (blobs, bytes) = await evictor.PruneAsync(
                request.KeepBytes, now - DateTimeOffset.MinValue > unused ? now - unused : DateTimeOffset.MinValue, request.DryRun, context.RequestAborted);
            return TypedResults.Json(new PruneAnswer(blobs, bytes, request.DryRun), ApiJson.Default.PruneAnswer);
        });
        endpoints.MapPost(ApiPaths.CacheVerify, static async (HttpContext context, CacheCheck check) =>
        {
            var request = await Bodies.ReadAsync(context, ApiJson.Default.VerifyRequest);
            await ProgressStream.RunAsync(context, async (board, cancellationToken) => await check.RunAsync(request, board, cancellationToken));
        });
    }
}
