using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Pier.Daemon.Tracking;

/// <summary><c>/announce</c> and <c>/scrape</c> beside the registry, for BitTorrent clients of this host.</summary>
internal static class TrackerEndpoints
{
    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/announce", static async (HttpContext context, TrackerDesk desk) => await AnswerAsync(
            context, await desk.AnnounceAsync(Query(context), context.Connection.RemoteIpAddress ?? IPAddress.Loopback, context.RequestAborted)));
        endpoints.MapGet("/scrape", static (HttpContext context, TrackerDesk desk) => AnswerAsync(context, desk.Scrape(Query(context))));
    }

    private static string Query(HttpContext context) => context.Request.QueryString.Value?.TrimStart('?') ?? "";

    private static Task AnswerAsync(HttpContext context, byte[] body)
    {
        context.Response.ContentType = "text/plain";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, 0, body.Length, context.RequestAborted);
    }
}
