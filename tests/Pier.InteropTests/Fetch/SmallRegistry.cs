using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using Pier.Content;
using Pier.Content.Manifests;

namespace Pier.InteropTests.Fetch;

/// <summary>A registry in this process that counts what it sends, can be slowed down, told to hang, and cut off.</summary>
internal sealed class SmallRegistry : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, byte[]> _content = new(StringComparer.Ordinal);
    private readonly WebApplication _server;
    private long _blobBytes;
    private int _heads;
    private int _blobGets;

    private SmallRegistry(WebApplication server) => _server = server;

    /// <summary>Host and port, as images are named.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Bytes of blob bodies sent.</summary>
    public long BlobBytes => Interlocked.Read(ref _blobBytes);

    /// <summary>GETs of blobs, those that still wait for an answer included.</summary>
    public int BlobGets => Volatile.Read(ref _blobGets);

    /// <summary>HEADs of tags answered.</summary>
    public int TagHeads => Volatile.Read(ref _heads);

    /// <summary>Bytes of a blob after which it sends no more until <see cref="Release"/>; null for none.</summary>
    public long? HoldAfter { get; set; }

    /// <summary>Completes when held bodies may go on.</summary>
    public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Pause after each 64 KiB of a body.</summary>
    public TimeSpan Pause { get; set; }

    public static async Task<SmallRegistry> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var server = builder.Build();
        var registry = new SmallRegistry(server);
        server.Map("/v2/", () => Results.Text("{}", "application/json"));
        server.MapFallback(registry.AnswerAsync);
        await server.StartAsync(cancellationToken);
        registry.Name = new Uri(server.Urls.First()).Authority;
        return registry;
    }

    /// <summary>Publishes an image of random layers under a tag; returns the layers' digests and bytes.</summary>
    public IReadOnlyList<(Digest Digest, byte[] Bytes)> Publish(string repository, string tag, params int[] layerSizes)
    {
        var random = new Random(layerSizes.Length + layerSizes[0]);
        var layers = layerSizes.Select(size =>
        {
            var bytes = new byte[size];
            random.NextBytes(bytes);
            return (Digest: Digest.Compute(bytes), Bytes: bytes);
        }).ToArray();
        var config = Encoding.UTF8.GetBytes("""{"architecture":"amd64","os":"linux"}""");
        var parts = string.Join(',', layers.Select(layer => Describe(MediaTypes.OciLayer, layer.Bytes)));
        var manifest = Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{Describe(MediaTypes.OciConfig, config)}},"layers":[{{parts}}]}""");
        foreach (var blob in layers.Select(layer => layer.Bytes).Append(config))
        {
            _content[$"/v2/{repository}/blobs/{Digest.Compute(blob)}"] = blob;
        }
        _content[$"/v2/{repository}/manifests/{Digest.Compute(manifest)}"] = manifest;
        _content[$"/v2/{repository}/manifests/{tag}"] = manifest;
        return layers;
    }

    /// <summary>Refuses connections from now on, and breaks those that are open.</summary>
    public async Task CutAsync()
    {
        using var at_once = new CancellationTokenSource();
        await at_once.CancelAsync();
        await _server.StopAsync(at_once.Token);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static string Describe(string type, byte[] content) =>
        $$"""{"mediaType":"{{type}}","digest":"{{Digest.Compute(content)}}","size":{{content.Length}}}""";

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        if (!_content.TryGetValue(path, out var content))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        if (path.Contains("/manifests/", StringComparison.Ordinal))
        {
            if (HttpMethods.IsHead(context.Request.Method))
            {
                Interlocked.Increment(ref _heads);
            }
            context.Response.Headers["Docker-Content-Digest"] = Digest.Compute(content).ToString();
            await SendAsync(context, content, MediaTypes.OciManifest, counts: false);
            return;
        }
        if (HttpMethods.IsGet(context.Request.Method))
        {
            Interlocked.Increment(ref _blobGets);
        }
        await SendAsync(context, content, "application/octet-stream", counts: true);
    }

    private async Task SendAsync(HttpContext context, byte[] content, string type, bool counts)
    {
        var (response, from) = (context.Response, 0L);
        if (RangeHeaderValue.TryParse(context.Request.Headers.Range.ToString(), out var range) && range.Ranges.First().From is { } start)
        {
            from = start;
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {from}-{content.Length - 1}/{content.Length}";
        }
        response.ContentType = type;
        response.ContentLength = content.Length - from;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }
        const int chunk = 64 << 10;
        for (var at = from; at < content.Length; at += chunk)
        {
            if (counts && at >= HoldAfter)
            {
                await Release.Task.WaitAsync(context.RequestAborted);
            }
            var length = (int)Math.Min(chunk, content.Length - at);
            if (counts)
            {
                // Before they go: whoever has them may look at the count at once.
                Interlocked.Add(ref _blobBytes, length);
            }
            await response.Body.WriteAsync(content.AsMemory((int)at, length), context.RequestAborted);
            await response.Body.FlushAsync(context.RequestAborted);
            if (counts && Pause > TimeSpan.Zero)
            {
                await Task.Delay(Pause, TimeProvider.System, context.RequestAborted);
            }
        }
    }
}
