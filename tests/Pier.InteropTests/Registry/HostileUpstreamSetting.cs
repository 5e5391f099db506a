using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.InteropTests.Programs;
using Pier.TestKit.Files;

namespace Pier.InteropTests.Registry;

/// <summary>A real <c>pierd</c> between its clients and an upstream that does whatever can go wrong over HTTP.</summary>
public abstract class HostileUpstreamSetting : IAsyncLifetime
{
    private protected const int MiB = 1 << 20;

    private protected static readonly TimeSpan Deadline = TimeSpan.FromSeconds(100);

    private readonly TempFolder _folder = TempFolder.Create("hostile");
    private PierProgram? _pierd;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected HttpClient Http { get; } = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 100 }) { Timeout = Deadline };

    private protected HostileRegistry Upstream { get; private set; } = null!;

    private protected PierProgram Pierd => _pierd ?? throw new InvalidOperationException("pierd was not started");

    public async ValueTask InitializeAsync() => Upstream = await HostileRegistry.StartAsync(Cancel);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Http.Dispose();
        if (_pierd is not null)
        {
            await _pierd.DisposeAsync();
        }
        await Upstream.DisposeAsync();
        await _folder.DisposeAsync();
    }

    private protected static bool IsBlobGet(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) && context.Request.Path.Value!.Contains("/blobs/", StringComparison.Ordinal);

    private protected static string Basic(string user, string secret) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{secret}"));

    private protected static byte[] Random(int length) => RandomNumberGenerator.GetBytes(length);

    private protected async Task StartAsync(string? user = null, string? secret = null, string? quota = null, string stallTimeout = "1s", string answerTimeout = "100s")
    {
        var upstream = new Dictionary<string, object>(StringComparer.Ordinal) { ["answerTimeout"] = answerTimeout, ["stallTimeout"] = stallTimeout };
        if (user is not null)
        {
            var file = _folder.Below("secret");
            await File.WriteAllTextAsync(file, secret, Cancel);
            (upstream["user"], upstream["secretFile"]) = (user, file);
        }
        var settings = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["upstreams"] = new Dictionary<string, object>(StringComparer.Ordinal) { [Upstream.Name] = upstream },
        };
        if (quota is not null)
        {
            settings["quota"] = quota;
        }
        _pierd = await PierProgram.StartAsync(Cancel, settings);
    }

    private protected Uri Url(string resource, string repository = "team/app") => new($"http://127.0.0.1:{Pierd.RegistryPort}/v2/{repository}/{resource}?ns={Upstream.Name}");

    private protected Task<byte[]> GetBlobAsync(Digest digest, string repository = "team/app") => Http.GetByteArrayAsync(Url($"blobs/{digest}", repository), Cancel);

    private protected async Task<(long Length, byte[]? Hash)> ReadAsync(Digest digest, bool hash)
    {
        using var answer = await Http.GetAsync(Url($"blobs/{digest}"), HttpCompletionOption.ResponseHeadersRead, Cancel);
        await using var body = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(Cancel);
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[256 * 1024];
        var length = 0L;
        for (int read; (read = await body.ReadAsync(buffer, Cancel)) > 0; length += read)
        {
            if (hash)
            {
                sum.AppendData(buffer, 0, read);
            }
        }
        return (length, hash ? sum.GetHashAndReset() : null);
    }
}
