using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pier.Api;
using Pier.Daemon.Tracking;

namespace Pier.Daemon.Control;

/// <summary><c>/v1/tracker</c>.</summary>
internal static class TrackerStatusEndpoints
{
    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet(
        ApiPaths.Tracker, static (TrackerReport report) => TypedResults.Json(report.Create(), ApiJson.Default.TrackerStatus));
}
