using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Manifests;

namespace Pier.InteropTests.Registry;

/// <summary>A registry in this process whose every answer a test can spoil, and that counts what it sends.</summary>
internal sealed class HostileRegistry : IAsyncDisposable
{
    private const int Chunk = 64 * 1024;

    private readonly ConcurrentDictionary<string, byte[]> _content = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _asked = new(StringComparer.Ordinal);
    private readonly WebApplication _server;
    private long _blobBytes;
    private int _blobGets;

    private HostileRegistry(WebApplication server) => _server = server;

    /// <summary>Its address.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Host and port, as images are named.</summary>
    public string Name => Address.Authority;

    /// <summary>Bytes of blob bodies sent.</summary>
    public long BlobBytes => Interlocked.Read(ref _blobBytes);

    /// <summary>Bodies of blobs begun.</summary>
    public int BlobGets => Volatile.Read(ref _blobGets);

    /// <summary>
    /// Answers a request before the registry does, true when it has; told how often the same was asked before.
    /// </summary>
    public Func<HttpContext, int, Task<bool>> Spoil { get; set; } = (_, _) => Task.FromResult(false);

    public static async Task<HostileRegistry> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MinResponseDataRate = null;
        });
        var server = builder.Build();
        var registry = new HostileRegistry(server);
        server.MapFallback(registry.AnswerAsync);
        await server.StartAsync(cancellationToken);
        registry.Address = new Uri(server.Urls.First());
        return registry;
    }

    /// <summary>Publishes a blob.</summary>
    public Digest Add(byte[] blob)
    {
        var digest = Digest.Compute(blob);
        _content[digest.ToString()] = blob;
        return digest;
    }

    /// <summary>Publishes an image with a tag; returns its manifest's digest.</summary>
    public Digest Publish(string tag, params IReadOnlyList<byte[]> layers)
    {
        var config = Add("""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"""u8.ToArray());
        var list = string.Join(',', layers.Select(layer => $$"""{"mediaType":"{{MediaTypes.OciLayer}}","digest":"{{Add(layer)}}","size":{{layer.Length}}}"""));
        var manifest = Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{config}}","size":{{_content[config.ToString()].Length}}},"layers":[{{list}}]}""");
        _content[tag] = manifest;
        return Add(manifest);
    }

    /// <summary>The bytes that a path names.</summary>
    public byte[]? Find(HttpContext context) => _content.GetValueOrDefault(context.Request.Path.Value!.Split('/')[^1]);

    /// <summary>Sends a part of a blob, counted.</summary>
    public async Task SendAsync(HttpContext context, ReadOnlyMemory<byte> part)
    {
        for (; part.Length > 0; part = part[Math.Min(Chunk, part.Length)..])
        {
            var piece = part[..Math.Min(Chunk, part.Length)];
            await context.Response.Body.WriteAsync(piece, context.RequestAborted);
            Interlocked.Add(ref _blobBytes, piece.Length);
        }
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    /// <summary>Sets the head of a blob's answer, with its range; returns what is to follow.</summary>
    public ReadOnlyMemory<byte> Begin(HttpContext context, byte[] content)
    {
        var start = context.Request.GetTypedHeaders().Range?.Ranges.Single().From is { } from ? (int)from : 0;
        context.Response.ContentLength = content.Length - start;
        if (start > 0)
        {
            context.Response.StatusCode = StatusCodes.Status206PartialContent;
            context.Response.Headers.ContentRange = $"bytes {start}-{content.Length - 1}/{content.Length}";
        }
        return content.AsMemory(start);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var before = _asked.AddOrUpdate($"{context.Request.Method} {path}", 1, (_, count) => count + 1) - 1;
        var isBlobGet = HttpMethods.IsGet(context.Request.Method) && path.Contains("/blobs/", StringComparison.Ordinal);
        if (isBlobGet)
        {
            Interlocked.Increment(ref _blobGets);
        }
        if (await Spoil(context, before))
        {
            return;
        }
        if (Find(context) is not { } content)
        {
            context.Response.StatusCode = path == "/v2/" ? 200 : 404;
            return;
        }
        context.Response.ContentType = path.Contains("/manifests/", StringComparison.Ordinal) ? MediaTypes.OciManifest : "application/octet-stream";
        context.Response.Headers["Docker-Content-Digest"] = Digest.Compute(content).ToString();
        var rest = Begin(context, content);
        if (isBlobGet)
        {
            await SendAsync(context, rest);
        }
        else if (HttpMethods.IsGet(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(rest, context.RequestAborted);
        }
    }
}
