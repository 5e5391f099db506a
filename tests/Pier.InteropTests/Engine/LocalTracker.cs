using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Tracking;
using Pier.TestKit;

namespace Pier.InteropTests.Engine;

/// <summary>Pier's tracker on loopback, open to any torrent, for clients that need one to find each other.</summary>
internal sealed class LocalTracker : IAsyncDisposable
{
    private readonly WebApplication _app;

    private readonly SwarmRegistry _registry;

    private LocalTracker(WebApplication app, SwarmRegistry registry)
    {
        _app = app;
        _registry = registry;
    }

    public string AnnounceUrl => $"{_app.Urls.Single()}/announce";

    public static async Task<LocalTracker> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.None);
        var app = builder.Build();
        var options = new SwarmRegistryOptions { Interval = TimeSpan.FromSeconds(5), MinInterval = TimeSpan.FromSeconds(1) };
        var registry = new SwarmRegistry(options, TimeProvider.System, Random.Shared);
        var server = new HttpTrackerServer(new Tracker(registry, AnyTorrent.Host, AnnounceKeys.None, TimeProvider.System));
        app.Run(context => AnswerAsync(server, context));
        await app.StartAsync(cancellationToken);
        return new LocalTracker(app, registry);
    }

    /// <summary>Waits until a peer of the torrent is known, so that the next who asks hears of it.</summary>
    public Task KnowsAsync(InfoHash infoHash, CancellationToken cancellationToken) => Eventually.TrueAsync(
        () => _registry.TryCount(infoHash, out var counts) && counts.Seeders + counts.Leechers > 0,
        $"the tracker knows {infoHash}",
        PierPeer.Deadline,
        cancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task AnswerAsync(HttpTrackerServer server, HttpContext context)
    {
        var query = context.Request.QueryString.Value?.TrimStart('?') ?? "";
        var path = context.Request.Path.Value ?? "";
        var remote = context.Connection.RemoteIpAddress ?? IPAddress.Loopback;
        var answer = path.Contains("announce", StringComparison.Ordinal) ? server.Announce(path, query, remote) : server.Scrape(path, query, remote);
        context.Response.ContentType = "text/plain";
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }
}
