using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Pier.BitTorrent.Tracking;

namespace Pier.Daemon.Tracking;

/// <summary><c>/announce</c> and <c>/scrape</c> beside the registry, for BitTorrent clients; with a key before or behind them when keys are wanted.</summary>
internal static class TrackerEndpoints
{
    /// <summary>Maps them, unless there is no tracker.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        if (endpoints.ServiceProvider.GetService<HttpTrackerServer>() is not { } server)
        {
            return;
        }
        foreach (var pattern in (ReadOnlySpan<string>)["/announce", "/announce/{key}", "/{key}/announce"])
        {
            endpoints.MapGet(pattern, context => AnswerAsync(context, server.Announce(Path(context), Query(context), Remote(context))));
        }
        foreach (var pattern in (ReadOnlySpan<string>)["/scrape", "/scrape/{key}", "/{key}/scrape"])
        {
            endpoints.MapGet(pattern, context => AnswerAsync(context, server.Scrape(Path(context), Query(context), Remote(context))));
        }
    }

    private static string Path(HttpContext context) => context.Request.Path.Value ?? "";

    private static string Query(HttpContext context) => context.Request.QueryString.Value ?? "";

    private static IPAddress Remote(HttpContext context) => context.Connection.RemoteIpAddress ?? IPAddress.Loopback;

    private static Task AnswerAsync(HttpContext context, byte[] body)
    {
        context.Response.ContentType = "text/plain";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, 0, body.Length, context.RequestAborted);
    }
}
