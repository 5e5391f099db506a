using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Distribution;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;

namespace Pier.UnitTests.Distribution;

/// <summary>A registry over TLS that lets in whoever shows a certificate of its own authority.</summary>
public sealed class ClientCertificateTests : IAsyncLifetime
{
    private static readonly byte[] Manifest = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[]}""");

    private readonly TempFolder _folder = TempFolder.Create("mtls");
    private readonly CollectedLogs _logs = new();
    private readonly X509Certificate2 _authority = Issue("CN=authority", issuer: null);
    private WebApplication _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Name => new Uri(_server.Urls.Single()).Authority;

    public async ValueTask InitializeAsync()
    {
        using var issued = Issue("CN=127.0.0.1", _authority);
        // Kestrel does not take keys that were never in a file.
        var certificate = X509CertificateLoader.LoadPkcs12(issued.Export(X509ContentType.Pkcs12), null);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate, https =>
        {
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (shown, _, _) => shown.Issuer == _authority.Subject && shown.Subject == "CN=pier";
        })));
        _server = builder.Build();
        _server.Run(async context =>
        {
            context.Response.ContentType = MediaTypes.OciIndex;
            context.Response.ContentLength = Manifest.Length;
            context.Response.Headers["Docker-Content-Digest"] = Digest.Compute(Manifest).ToString();
            if (HttpMethods.IsGet(context.Request.Method))
            {
                await context.Response.Body.WriteAsync(Manifest, context.RequestAborted);
            }
        });
        await _server.StartAsync(Cancel);
        await File.WriteAllTextAsync(_folder.Below("ca.pem"), _authority.ExportCertificatePem(), Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _authority.Dispose();
        _logs.Dispose();
        await _folder.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_certificate_that_is_configured_is_shown_whether_its_key_is_in_the_same_file_or_not(bool inOne)
    {
        var options = Write("CN=pier", _authority, inOne);
        using var clients = Clients(options);

        (await Repository(clients)).Document.Content.ToArray().ShouldBe(Manifest);
    }

    [Fact]
    public async Task Without_a_certificate_or_with_somebody_else_s_nothing_is_had()
    {
        using var none = Clients(new RegistryOptions { CaFile = _folder.Below("ca.pem") });
        await Should.ThrowAsync<ContentUnavailableException>(() => Repository(none));

        using var stranger = Issue("CN=stranger", issuer: null);
        using var other = Clients(Write("CN=pier", stranger, inOne: true));
        await Should.ThrowAsync<ContentUnavailableException>(() => Repository(other));
    }

    private Task<UpstreamManifest> Repository(UpstreamClients clients)
    {
        var repository = new RepositoryName(Name, "team/app");
        return clients.For(repository).GetManifestAsync(repository, "v1", Cancel);
    }

    private UpstreamClients Clients(RegistryOptions registry) => new(
        new UpstreamOptions
        {
            Registries = new Dictionary<string, RegistryOptions>(StringComparer.Ordinal) { [Name] = registry },
            DockerConfigFiles = [],
            RetryPauses = [],
        },
        TimeProvider.System, _logs.CreateLogger("upstream"), _ => null);

    private RegistryOptions Write(string subject, X509Certificate2 issuer, bool inOne)
    {
        using var certificate = Issue(subject, issuer);
        using var key = certificate.GetECDsaPrivateKey()!;
        var (shown, secret) = (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(_folder.Below("client.pem"), inOne ? $"{shown}\n{secret}\n" : shown);
        File.WriteAllText(_folder.Below("client.key"), secret);
        return new RegistryOptions
        {
            CaFile = _folder.Below("ca.pem"),
            ClientCertificateFile = _folder.Below("client.pem"),
            ClientKeyFile = inOne ? null : _folder.Below("client.key"),
        };
    }

    private static X509Certificate2 Issue(string subject, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(issuer is null, false, 0, critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        if (issuer is null)
        {
            return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        }

        using var bare = request.Create(issuer, now.AddDays(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        return bare.CopyWithPrivateKey(key);
    }
}
