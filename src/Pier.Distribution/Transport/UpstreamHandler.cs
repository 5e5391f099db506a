using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Pier.Distribution.Transport;

/// <summary>Makes the connection pool of one registry.</summary>
internal static class UpstreamHandler
{
    private const int MaxConnections = 64;

    /// <summary>
    /// HTTP/1.1, no cookies, no decompression (it would break offsets), no redirects of its own (they are followed
    /// by hand, so that credentials stay where they belong).
    /// </summary>
    public static SocketsHttpHandler Create(RegistryOptions registry, Uri address, UpstreamOptions options, ProxyRules proxies, TimeProvider time)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            Proxy = proxies,
            UseProxy = true,
            DefaultProxyCredentials = proxies.Credentials,
            MaxConnectionsPerServer = MaxConnections,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            // Our own deadline covers it, on the clock that tests own.
            ConnectTimeout = Timeout.InfiniteTimeSpan,
            ConnectCallback = new UpstreamConnector(options.ConnectTimeout, time).ConnectAsync,
        };
        Trust(handler, registry, address);
        return handler;
    }

    /// <summary>Whom it trusts, and which certificate it shows.</summary>
    private static void Trust(SocketsHttpHandler handler, RegistryOptions registry, Uri address)
    {
        if (registry.SkipVerify)
        {
            // Any certificate, but there must be one.
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        }
        else if (registry.CaFile is not null)
        {
            handler.SslOptions.CertificateChainPolicy = TrustOnly(registry.CaFile);
        }

        if (registry.ClientCertificateFile is { } file)
        {
            // Shown to the registry alone, not to hosts that it redirects to.
            var certificate = X509Certificate2.CreateFromPemFile(file, registry.ClientKeyFile);
            handler.SslOptions.LocalCertificateSelectionCallback = (_, host, _, _, _) =>
                string.Equals(host, address.IdnHost, StringComparison.OrdinalIgnoreCase) ? certificate : null!;
        }
    }

    private static X509ChainPolicy TrustOnly(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(file);
        return policy;
    }
}
