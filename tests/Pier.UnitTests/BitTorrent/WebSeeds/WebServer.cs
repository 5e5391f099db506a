using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Pier.UnitTests.BitTorrent.WebSeeds;

/// <summary>A web server on loopback whose every answer the test decides; by default files by their path, ranges included.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebServer(WebApplication app) => _app = app;

    /// <summary>Files by their decoded path.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>What was asked for: path and query as sent, and the Range header.</summary>
    public ConcurrentQueue<(string Target, string Range)> Asked { get; } = new();

    /// <summary>Answers before the files do; false leaves it to them.</summary>
    public Func<HttpContext, Task<bool>> Fault { get; set; } = _ => Task.FromResult(false);

    public string Root => _app.Urls.Single() + "/";

    public static async Task<WebServer> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.None);
        var app = builder.Build();
        var server = new WebServer(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync(cancellationToken);
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>Sends a range of bytes as a good server does.</summary>
    public static async Task SendAsync(HttpContext context, byte[] file)
    {
        var range = context.Request.GetTypedHeaders().Range?.Ranges.Single();
        var from = (int)(range?.From ?? 0);
        var length = (int)(range?.To ?? file.Length - 1) - from + 1;
        if (range is not null)
        {
            context.Response.StatusCode = StatusCodes.Status206PartialContent;
            context.Response.Headers.ContentRange = $"bytes {from}-{from + length - 1}/{file.Length}";
        }

        context.Response.ContentLength = length;
        await context.Response.Body.WriteAsync(file.AsMemory(from, length), context.RequestAborted);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Asked.Enqueue((context.Request.Path.ToUriComponent() + context.Request.QueryString, context.Request.Headers.Range.ToString()));
        if (await Fault(context))
        {
            return;
        }

        if (Files.TryGetValue(context.Request.Path.Value!, out var file))
        {
            await SendAsync(context, file);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }
}
