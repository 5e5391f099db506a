using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Pier.Api;
using Pier.Api.Limits;
using Pier.Daemon.Http;
using Pier.Daemon.Nodes;

namespace Pier.Daemon.Control;

/// <summary><c>/v1/limits</c>: what may pass to and from peers, changed while the daemon runs.</summary>
internal static class LimitsEndpoints
{
    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(ApiPaths.Limits, static (LimitsDesk desk) => Answer(desk));
        endpoints.MapPost(ApiPaths.Limits, static async (HttpContext context, LimitsDesk desk) =>
        {
            desk.Change(await Bodies.ReadAsync(context, ApiJson.Default.LimitsChange));
            return Answer(desk);
        });
    }

    private static JsonHttpResult<LimitsStatus> Answer(LimitsDesk desk) => TypedResults.Json(desk.Status(), ApiJson.Default.LimitsStatus);
}
