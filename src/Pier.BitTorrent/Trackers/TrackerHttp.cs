using System.Net;
using System.Net.Sockets;
using Pier.Content.Uris;

namespace Pier.BitTorrent.Trackers;

/// <summary>How HTTP trackers are connected to.</summary>
public static class TrackerHttp
{
    /// <summary>Where a request has gone, as <see cref="CreateClient"/> notes it.</summary>
    internal static readonly HttpRequestOptionsKey<IPAddress> AskedAt = new("pier.asked-at");

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    /// <summary>
    /// A client for tracker requests. No proxy: it would announce the proxy's address instead of ours. Link-local addresses
    /// are refused after name resolution, redirects included.
    /// </summary>
    public static HttpClient CreateClient() => CreateClient(TrackerHosts.System);

    internal static HttpClient CreateClient(HostLookup lookup) => new(
        new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate,
            MaxAutomaticRedirections = 3,
            MaxConnectionsPerServer = 8,
            ConnectTimeout = ConnectTimeout,

            // Many trackers hang up after each answer without saying so; a kept connection would fail the next announce.
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = (context, cancellationToken) => ConnectAsync(context, lookup, cancellationToken),
        },
        disposeHandler: true)
    {
        // Each request has a deadline of its own, on the clock that its owner chose.
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestHeaders = { { "User-Agent", "Pier/0.1" } },
    };

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, HostLookup lookup, CancellationToken cancellationToken)
    {
        HttpsSupport.Require(context.InitialRequestMessage.RequestUri);
        var addresses = await TrackerHosts.ResolveAsync(context.DnsEndPoint.Host, lookup, cancellationToken).ConfigureAwait(false);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken).ConfigureAwait(false);
            context.InitialRequestMessage.Options.Set(AskedAt, CompactPeers.Plain(((IPEndPoint)socket.RemoteEndPoint!).Address));
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
