using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Pier.Benchmarks.Registry;

/// <summary>One certificate for both servers, so that both do the same work.</summary>
/// <param name="File">PEM file.</param>
/// <param name="KeyFile">PEM file of its key.</param>
/// <param name="PierConfiguration">Configuration of pierd that names both.</param>
internal sealed record ServerCertificate(string File, string KeyFile, string PierConfiguration)
{
    /// <summary>Makes a certificate of P-256 for 127.0.0.1 in a folder.</summary>
    public static async Task<ServerCertificate> MakeAsync(string folder, CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var made = new ServerCertificate(Path.Combine(folder, "cert.pem"), Path.Combine(folder, "key.pem"), Path.Combine(folder, "tls.json"));
        await System.IO.File.WriteAllTextAsync(made.File, certificate.ExportCertificatePem(), cancellationToken);
        await System.IO.File.WriteAllTextAsync(made.KeyFile, key.ExportPkcs8PrivateKeyPem(), cancellationToken);
        System.IO.File.SetUnixFileMode(made.KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await System.IO.File.WriteAllTextAsync(
            made.PierConfiguration, JsonSerializer.Serialize(new { version = 1, tlsCertificate = made.File, tlsKey = made.KeyFile }), cancellationToken);
        return made;
    }
}
