using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pier.Api;
using Pier.Daemon.Nodes;

namespace Pier.Daemon.Control;

/// <summary><c>/v1/swarms</c>: the torrents, and one of them with its peers.</summary>
internal static class SwarmEndpoints
{
    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(ApiPaths.Swarms, static (SwarmDetails swarms) => TypedResults.Json(swarms.List(), ApiJson.Default.SwarmList));
        endpoints.MapGet(ApiPaths.Swarms + "/{name}", static async (string name, SwarmDetails swarms, CancellationToken cancellationToken) =>
            TypedResults.Json(await swarms.DescribeAsync(name, cancellationToken), ApiJson.Default.SwarmDetail));
    }
}
