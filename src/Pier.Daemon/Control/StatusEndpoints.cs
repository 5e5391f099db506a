using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pier.Api;
using Pier.BitTorrent.Engine;
using Pier.Daemon.Metrics;
using Pier.Daemon.Nodes;
using Pier.Daemon.Tracking;
using Pier.Store.Borrowed;
using Pier.Store.Eviction;

namespace Pier.Daemon.Control;

/// <summary><c>/v1/status</c> and <c>/metrics</c>: the same facts for people and for Prometheus.</summary>
internal static class StatusEndpoints
{
    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(ApiPaths.Status, static async (StatusReport report, CancellationToken cancellationToken) =>
            TypedResults.Json(await report.CreateAsync(cancellationToken), ApiJson.Default.NodeStatus));
        endpoints.MapGet("/metrics", static async (
            StatusReport report, TrackerReport tracker, BitTorrentEngine engine, Evictor evictor, BorrowedBlobs borrowed, MeterReader meters, CancellationToken cancellationToken) =>
            TypedResults.Text(MetricsPage.Write(await report.CreateAsync(cancellationToken), tracker, engine, evictor, borrowed, meters), PrometheusText.ContentType));
    }
}
