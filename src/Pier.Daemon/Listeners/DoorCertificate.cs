using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pier.Daemon.Hosting;
using Pier.Daemon.Options;
using Pier.Store.Disk;

namespace Pier.Daemon.Listeners;

/// <summary>The certificate of the registry's TLS doors: the owner's, or one under an authority that this node made for itself.</summary>
internal static class DoorCertificate
{
    /// <summary>Name of the file in the state folder by which clients trust the node's own authority.</summary>
    public const string AuthorityFile = "registry-ca.crt";

    private const string AuthorityKeyFile = "registry-ca.pem";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The certificate with its key, and what stands between it and its root.</summary>
    /// <exception cref="DaemonStartException">The files cannot be read, or hold something else.</exception>
    public static (X509Certificate2 Leaf, X509Certificate2Collection Chain) Load(DaemonOptions options, StateFolder state, DateTimeOffset now)
    {
        try
        {
            return options is { TlsCertificate: { } certificate, TlsKey: { } key }
                ? Read(certificate, key)
                : (Make(options, Authority(state, now), now), []);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new DaemonStartException(
                ExitCode.StateUnusable, $"There is no certificate for --registry-tls: {refused.Message}",
                options.TlsCertificate is null
                    ? $"Remove {AuthorityKeyFile} from the state folder if it is damaged, and a new authority is made."
                    : "'tlsCertificate' and 'tlsKey' are PEM files: the certificate with its chain, and its key without a password.",
                refused);
        }
    }

    private static (X509Certificate2, X509Certificate2Collection) Read(string certificate, string key)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificate);
        return (X509Certificate2.CreateFromPemFile(certificate, key), chain);
    }

    private static X509Certificate2 Authority(StateFolder state, DateTimeOffset now)
    {
        var path = state.Below(AuthorityKeyFile);
        if (!File.Exists(path))
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN=Pier on {Environment.MachineName}", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
            using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
            Write(path, $"{made.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
            Write(state.Below(AuthorityFile), made.ExportCertificatePem() + "\n");
        }
        return X509Certificate2.CreateFromPemFile(path, path);
    }

    /// <summary>Made at every start, for the names by which clients may call this node then.</summary>
    private static X509Certificate2 Make(DaemonOptions options, X509Certificate2 authority, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=pierd", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        request.CertificateExtensions.Add(Names(options));
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        var authorityEnd = new DateTimeOffset(authority.NotAfter.ToUniversalTime(), TimeSpan.Zero);
        var end = now.AddYears(2);
        using var made = request.Create(authority, now.AddDays(-1), end < authorityEnd ? end : authorityEnd, serial);
        return made.CopyWithPrivateKey(key);
    }

    private static X509Extension Names(DaemonOptions options)
    {
        var names = new SubjectAlternativeNameBuilder();
        IEnumerable<string> all = ["localhost", "127.0.0.1", "::1", Environment.MachineName, .. options.Hosts];
        all = options.Advertise is { } advertised ? all.Append(advertised) : all;
        var listened = options.RegistryTls.Select(door => door.Address).Where(address => !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any));
        foreach (var name in all.Concat(listened.Select(address => address.ToString())).Select(name => name.Trim('[', ']')).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (IPAddress.TryParse(name, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(name);
            }
        }
        return names.Build();
    }

    private static void Write(string path, string text)
    {
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
        file.Write(System.Text.Encoding.ASCII.GetBytes(text));
        file.Flush(flushToDisk: true);
    }
}
