using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Pier.Content.Uris;

namespace Pier.BitTorrent.WebSeeds;

/// <summary>
/// Asks web servers for bytes: no proxy, no cookies, few redirects, and none from the world into a private network. Shared by
/// all torrents.
/// </summary>
internal sealed class WebSeedClient : IDisposable
{
    private const int MaxRedirects = 5;
    private const int MaxHeaders = 16;
    private const int MaxConnectionsPerServer = 8;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    private static readonly HttpRequestOptionsKey<bool> MayBeNear = new("near");

    private readonly Lazy<HttpClient> _http = new(Create);

    /// <summary>Sends a request and follows redirects; the answer has not been judged but by that.</summary>
    /// <param name="part">What to ask for.</param>
    /// <param name="mayBeNear">Whether the seed itself is nearby.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="WebSeedException">There is no answer, or it leads nowhere.</exception>
    public async Task<HttpResponseMessage> SendAsync(WebSeedPart part, bool mayBeNear, CancellationToken cancellationToken)
    {
        var address = part.Address!;
        for (var redirects = 0; ; redirects++)
        {
            var answer = await SendOnceAsync(address, part, mayBeNear, cancellationToken);
            if ((int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308))
            {
                return answer;
            }

            using (answer)
            {
                address = Follow(address, answer.Headers.Location, redirects);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_http.IsValueCreated)
        {
            _http.Value.Dispose();
        }
    }

    private static Uri Follow(Uri from, Uri? location, int redirects)
    {
        if (redirects == MaxRedirects)
        {
            throw new WebSeedException($"more than {MaxRedirects} redirects") { IsLasting = true };
        }

        Uri? next = null;
        _ = location is not null && Uri.TryCreate(from, location, out next);
        return next is { Scheme: "https" } || (next is { Scheme: "http" } && from.Scheme == "http")
            ? next
            : throw new WebSeedException("a redirect that leads nowhere") { IsLasting = true };
    }

    private static HttpClient Create() => new(
        new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = MaxHeaders,
            MaxConnectionsPerServer = MaxConnectionsPerServer,
            ConnectTimeout = ConnectTimeout,
            ConnectCallback = ConnectAsync,
        },
        disposeHandler: true)
    {
        // Each wait has a deadline of its own, on the clock that its owner chose.
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestHeaders = { { "User-Agent", "Pier/0.1" } },
    };

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        HttpsSupport.Require(context.InitialRequestMessage.RequestUri);
        context.InitialRequestMessage.Options.TryGetValue(MayBeNear, out var mayBeNear);
        var addresses = await WebSeedHosts.ResolveAsync(context.DnsEndPoint.Host, mayBeNear, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(Uri address, WebSeedPart part, bool mayBeNear, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Options.Set(MayBeNear, mayBeNear);
        if (part.From is { } from)
        {
            request.Headers.Range = new RangeHeaderValue(from, from + part.Length - 1);
        }

        try
        {
            return await _http.Value.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            throw failure.InnerException as WebSeedException ?? new WebSeedException(failure.Message, failure);
        }
    }
}
