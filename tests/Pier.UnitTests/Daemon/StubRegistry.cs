using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Pier.Content;
using Pier.TestKit.Processes;

namespace Pier.UnitTests.Daemon;

/// <summary>An upstream with one image, library/app:1, of one layer; the layer can be held back in the middle.</summary>
internal sealed class StubRegistry : IAsyncDisposable
{
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    private readonly WebApplication _application;
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _config = """{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"""u8.ToArray();
    private readonly byte[] _layer = new byte[600_000];
    private int _layersSent;

    private StubRegistry(WebApplication application, Uri address, bool holdLayer)
    {
        _application = application;
        Address = address;
        new Random(7).NextBytes(_layer);
        if (!holdLayer)
        {
            _release.SetResult();
        }
        Manifest = System.Text.Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{ManifestType}}","config":{{Descriptor("application/vnd.oci.image.config.v1+json", _config)}},"layers":[{{Descriptor("application/vnd.oci.image.layer.v1.tar", _layer)}}]}""");
        application.Run(AnswerAsync);
    }

    public Uri Address { get; }

    public byte[] Manifest { get; }

    public Digest Layer => Digest.Compute(_layer);

    public int Requests { get; private set; }

    /// <summary>How often the layer was sent to its end.</summary>
    public int LayersSent => Volatile.Read(ref _layersSent);

    /// <summary>The layer is sent with one bit wrong.</summary>
    public bool IsDamaged { get; set; }

    public static async Task<StubRegistry> StartAsync(bool holdLayer, CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(address.ToString());
        var registry = new StubRegistry(builder.Build(), address, holdLayer);
        await registry._application.StartAsync(cancellationToken);
        return registry;
    }

    public void Release() => _release.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Release();
        await _application.DisposeAsync();
    }

    private static string Descriptor(string type, byte[] content) =>
        $$"""{"mediaType":"{{type}}","digest":"{{Digest.Compute(content)}}","size":{{content.Length}}}""";

    private async Task AnswerAsync(HttpContext context)
    {
        Requests++;
        var name = context.Request.Path.Value!.Split('/')[^1];
        var content = name == "1" || name == Digest.Compute(Manifest).ToString() ? Manifest
            : name == Layer.ToString() ? _layer
            : name == Digest.Compute(_config).ToString() ? _config
            : [];
        context.Response.StatusCode = content.Length > 0 || name.Length == 0 ? 200 : 404;
        context.Response.ContentLength = content.Length;
        context.Response.ContentType = content == Manifest ? ManifestType : "application/octet-stream";
        context.Response.Headers["Docker-Content-Digest"] = Digest.Compute(content).ToString();
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }
        var half = content.Length / 2;
        await context.Response.Body.WriteAsync(content.AsMemory(0, half), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        if (content == _layer)
        {
            await _release.Task.WaitAsync(context.RequestAborted);
        }
        var rest = content[half..];
        rest[^1] ^= (byte)(IsDamaged && content == _layer ? 1 : 0);
        await context.Response.Body.WriteAsync(rest, context.RequestAborted);
        Interlocked.Add(ref _layersSent, content == _layer ? 1 : 0);
    }
}
