using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Tracking;

namespace Pier.InteropTests.Engine;

/// <summary>Pier's tracker on loopback, open to any torrent, for clients that need one to find each other.</summary>
internal sealed class LocalTracker : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LocalTracker(WebApplication app) => _app = app;

    public string AnnounceUrl => $"{_app.Urls.Single()}/announce";

    public static async Task<LocalTracker> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.None);
        var app = builder.Build();
        var options = new SwarmRegistryOptions { KnownOnly = false, Interval = TimeSpan.FromSeconds(5), MinInterval = TimeSpan.FromSeconds(1) };
        var server = new HttpTrackerServer(new SwarmRegistry(options, TimeProvider.System, Random.Shared));
        app.Run(context => AnswerAsync(server, context));
        await app.StartAsync(cancellationToken);
        return new LocalTracker(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task AnswerAsync(HttpTrackerServer server, HttpContext context)
    {
        var query = context.Request.QueryString.Value?.TrimStart('?') ?? "";
        var answer = context.Request.Path == "/announce"
            ? server.Announce(query, context.Connection.RemoteIpAddress ?? IPAddress.Loopback)
            : server.Scrape(query);
        context.Response.ContentType = "text/plain";
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }
}
