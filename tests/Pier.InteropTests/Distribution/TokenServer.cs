using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Pier.InteropTests.Distribution;

/// <summary>
/// A token server that a real <c>docker-registry</c> trusts: it signs what the registry's token specification asks
/// for, to the user and, where a test allows it, to anyone.
/// </summary>
internal sealed class TokenServer : IAsyncDisposable
{
    private const string Issuer = "pier-test-issuer";
    private const string Service = "pier-test-service";

    private readonly WebApplication _app;
    private readonly RSA _key;
    private readonly X509Certificate2 _certificate;

    private TokenServer(WebApplication app, RSA key, X509Certificate2 certificate)
    {
        _app = app;
        _key = key;
        _certificate = certificate;
    }

    /// <summary>Whether the public may pull.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Tokens issued.</summary>
    public int Issued { get; private set; }

    public static async Task<TokenServer> StartAsync(CancellationToken cancellationToken)
    {
        var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=pier-test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        var server = new TokenServer(app, key, certificate);
        app.MapGet("/token", server.Answer);
        await app.StartAsync(cancellationToken);
        return server;
    }

    /// <summary>The registry's <c>auth</c> section.</summary>
    public async Task<string> ConfigureAsync(string bundle, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(bundle, _certificate.ExportCertificatePem(), cancellationToken);
        return $"  token: {{realm: \"{_app.Urls.Single()}/token\", service: {Service}, issuer: {Issuer}, rootcertbundle: \"{bundle}\"}}";
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
        _key.Dispose();
    }

    /// <summary>A token as the user gets one who asks here himself.</summary>
    /// <param name="scope">Such as <c>repository:team/app:pull</c>.</param>
    public string Issue(string scope) => Sign(scope);

    private IResult Answer(HttpContext context)
    {
        var isUser = context.Request.Headers.Authorization == $"Basic {Convert.ToBase64String("alice:s3cret"u8)}";
        if (!isUser && context.Request.Headers.Authorization.Count > 0)
        {
            return Results.Json(new { details = "incorrect username or password" }, statusCode: 401);
        }

        Issued++;
        var granted = isUser || IsOpen ? context.Request.Query["scope"].ToString() : "";
        return Results.Json(new { token = Sign(granted), expires_in = 300 });
    }

    private string Sign(string scope)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var parts = scope.Split(':');
        var access = new JsonArray();
        if (parts.Length == 3)
        {
            access.Add(new JsonObject { ["type"] = parts[0], ["name"] = parts[1], ["actions"] = new JsonArray("pull") });
        }

        var header = new JsonObject { ["typ"] = "JWT", ["alg"] = "RS256", ["x5c"] = new JsonArray(Convert.ToBase64String(_certificate.RawData)) };
        var claims = new JsonObject
        {
            ["iss"] = Issuer,
            ["sub"] = "",
            ["aud"] = Service,
            ["exp"] = now + 300,
            ["nbf"] = now - 10,
            ["iat"] = now,
            ["jti"] = Guid.NewGuid().ToString(),
            ["access"] = access,
        };
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Base64Url(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Encode(JsonObject json) => Base64Url(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static string Base64Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
