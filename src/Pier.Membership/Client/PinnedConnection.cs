using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Pier.Membership.Identity;

namespace Pier.Membership.Client;

/// <summary>HTTP over TLS 1.3 to one node, which must show the key that its id names; this node shows its own.</summary>
internal static class PinnedConnection
{
    /// <summary>A pool of connections to the node with this id; proxies are for upstreams, never for members (design §1).</summary>
    public static HttpMessageInvoker To(NodeId node, NodeIdentity identity) => new(
        new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(3),
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
            // A follower that changes its mind closes the connection instead of reading the rest of a blob.
            MaxResponseDrainSize = 0,
            MaxResponseHeadersLength = 16,
            // A host that vanished without a word leaves the pool before its address comes back with a new process.
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            KeepAlivePingDelay = TimeSpan.FromSeconds(5),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls13,
                AllowTlsResume = false,
                ClientCertificateContext = SslStreamCertificateContext.Create(identity.Certificate, additionalCertificates: null, offline: true),
                RemoteCertificateValidationCallback = (_, certificate, _, _) => IsKeyOf(node, certificate),
            },
        },
        disposeHandler: true);

    private static bool IsKeyOf(NodeId node, X509Certificate? certificate) =>
        certificate is X509Certificate2 shown && NodeId.OfCertificate(shown) == node;
}
