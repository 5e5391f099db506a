using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pier.Api;
using Pier.Api.Nodes;
using Pier.Daemon.Nodes;

namespace Pier.Daemon.Control;

/// <summary><c>/v1/checks</c>: the daemon's part of <c>pier doctor</c>.</summary>
internal static class CheckEndpoints
{
    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet(
        ApiPaths.Checks,
        static async (NodeChecks checks, CancellationToken cancellationToken) =>
            TypedResults.Json(new CheckList(await checks.RunAsync(cancellationToken)), ApiJson.Default.CheckList));
}
