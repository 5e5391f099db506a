using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Tracking;
using Pier.TestKit;

namespace Pier.InteropTests.Engine;

/// <summary>Pier's tracker on loopback over HTTP and UDP, open to any torrent, for clients that need one to find each other.</summary>
internal sealed class LocalTracker : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly BitTorrentEngine _engine;
    private readonly Tracker _tracker;
    private readonly string _path;

    private LocalTracker(WebApplication app, BitTorrentEngine engine, Tracker tracker, string path)
    {
        _app = app;
        _engine = engine;
        _tracker = tracker;
        _path = path;
    }

    public string AnnounceUrl => $"{_app.Urls.Single()}{_path}";

    public string UdpAnnounceUrl => $"udp://{_engine.ListenEndPoint}{_path}";

    public TrackerStatistics Statistics => _tracker.Statistics;

    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="key">A key that must stand in announce URLs, as those of this tracker then do.</param>
    /// <param name="at">Where it listens; null for IPv4's loopback.</param>
    public static async Task<LocalTracker> StartAsync(CancellationToken cancellationToken, string? key = null, IPAddress? at = null)
    {
        var place = new IPEndPoint(at ?? IPAddress.Loopback, 0);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://{place}");
        builder.Logging.SetMinimumLevel(LogLevel.None);
        var app = builder.Build();
        var options = new SwarmRegistryOptions { Interval = TimeSpan.FromSeconds(5), MinInterval = TimeSpan.FromSeconds(1) };
        var keys = key is null ? AnnounceKeys.None : new AnnounceKeys([key]);
        var tracker = new Tracker(new SwarmRegistry(options, TimeProvider.System, Random.Shared), AnyTorrent.Host, keys, TimeProvider.System);
        var server = new HttpTrackerServer(tracker);
        app.Run(context => AnswerAsync(server, context));
        await app.StartAsync(cancellationToken);
        var engine = new BitTorrentEngine(
            new BitTorrentOptions { Listen = place }, TimeProvider.System, NullLoggerFactory.Instance);
        engine.Datagrams.Add(new UdpTrackerHandler(new UdpTrackerServer(tracker, TimeProvider.System), engine.Datagrams));
        await engine.StartAsync(cancellationToken);
        return new LocalTracker(app, engine, tracker, key is null ? "/announce" : $"/announce/{key}");
    }

    /// <summary>Waits until a peer of the torrent is known, so that the next who asks hears of it.</summary>
    public Task KnowsAsync(InfoHash infoHash, CancellationToken cancellationToken) => Eventually.TrueAsync(
        () => _tracker.Registry.TryCount(infoHash, out var counts) && counts.Seeders + counts.Leechers > 0,
        $"the tracker knows {infoHash}",
        PierPeer.Deadline,
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _app.DisposeAsync();
    }

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
