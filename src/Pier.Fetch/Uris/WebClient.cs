using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Pier.Content.Contracts;
using Pier.Content.Uris;

namespace Pier.Fetch.Uris;

/// <summary>Reads files from the web: never from link-local or metadata addresses, whatever a name or redirect leads to.</summary>
internal sealed class WebClient : IDisposable
{
    private const int MostRedirects = 10;

    private readonly HttpClient _client;

    /// <param name="options">Patience.</param>
    /// <param name="proxy">The proxy; null for the one that the environment names.</param>
    public WebClient(FetchOptions options, IWebProxy? proxy = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _client = new HttpClient(new SocketsHttpHandler
        {
            // Followed by hand: behind a proxy the connection alone does not show where a redirect leads.
            AllowAutoRedirect = false,
            Proxy = proxy,
            ConnectTimeout = options.UpstreamFirstByteTimeout,
            ConnectCallback = ConnectAsync,
        })
        {
            // The body has its own rule: no byte for so long, rather than all bytes within so long.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("pier/0.1");
    }

    /// <summary>A small file as bytes.</summary>
    /// <exception cref="ContentException">It cannot be had, or is larger than <paramref name="limit"/>.</exception>
    public async Task<byte[]> GetBytesAsync(Uri address, int limit, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(address, from: 0, tag: null, cancellationToken);
        var buffer = new MemoryStream();
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var chunk = new byte[64 << 10];
        try
        {
            for (int read; (read = await body.ReadAsync(chunk, cancellationToken)) > 0;)
            {
                if (buffer.Length + read > limit)
                {
                    throw new ContentFormatException($"{Shown(address)} has more than {limit} bytes, which is too much for a torrent file.");
                }
                buffer.Write(chunk, 0, read);
            }
        }
        catch (Exception broken) when (broken is HttpRequestException or (IOException and not ContentException))
        {
            throw new ContentUnavailableException($"{Shown(address)}: {broken.Message}", broken);
        }
        return buffer.ToArray();
    }

    /// <summary>Opens a file at an offset; with <paramref name="tag"/> only while it is still the same file (RFC 9110 §13.1.5).</summary>
    /// <exception cref="ContentException">It cannot be had.</exception>
    public async Task<HttpResponseMessage> SendAsync(Uri address, long from, EntityTagHeaderValue? tag, CancellationToken cancellationToken)
    {
        var answer = await FollowAsync(address, from, tag, cancellationToken);
        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }
        var status = answer.StatusCode;
        answer.Dispose();
        throw status switch
        {
            HttpStatusCode.NotFound or HttpStatusCode.Gone => new ContentNotFoundException($"{Shown(address)}: {(int)status}, not found."),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new ContentDeniedException($"{Shown(address)}: {(int)status}, denied."),
            _ => new ContentUnavailableException($"{Shown(address)}: answered {(int)status}."),
        };
    }

    /// <summary>The address as messages and logs show it: queries may carry signatures.</summary>
    public static string Shown(Uri address) => address.GetLeftPart(UriPartial.Path);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> FollowAsync(Uri address, long from, EntityTagHeaderValue? tag, CancellationToken cancellationToken)
    {
        for (var hop = 0; hop <= MostRedirects; hop++)
        {
            if (HostRules.IsForbiddenTarget(address.Host))
            {
                throw Forbidden(address.Host);
            }

            var answer = await SendOnceAsync(address, from, tag, cancellationToken);
            if ((int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308))
            {
                return answer;
            }

            using (answer)
            {
                address = Next(address, answer.Headers.Location);
            }
        }

        throw new ContentUnavailableException($"more than {MostRedirects} redirects, the last to {Shown(address)}.");
    }

    private static Uri Next(Uri address, Uri? location)
    {
        var next = location is null ? null : new Uri(address, location);
        if (next is null || (next.Scheme != Uri.UriSchemeHttp && next.Scheme != Uri.UriSchemeHttps))
        {
            throw new ContentUnavailableException($"{Shown(address)}: redirects without a usable Location.");
        }

        return address.Scheme == Uri.UriSchemeHttps && next.Scheme == Uri.UriSchemeHttp
            ? throw new ContentUnavailableException($"{Shown(address)}: redirects from TLS to plain HTTP at {next.Authority}.")
            : next;
    }

    private async Task<HttpResponseMessage> SendOnceAsync(Uri address, long from, EntityTagHeaderValue? tag, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (from > 0)
        {
            request.Headers.Range = new RangeHeaderValue(from, null);
            request.Headers.IfRange = tag is { IsWeak: false } ? new RangeConditionHeaderValue(tag) : null;
        }

        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            throw failure.InnerException as ContentException ?? new ContentUnavailableException($"{Shown(address)}: {failure.Message}", failure);
        }
    }

    private static ContentDeniedException Forbidden(string host) => new($"{host} is a link-local or metadata address, which Pier never asks.");

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var target = context.DnsEndPoint;
        var found = await Dns.GetHostAddressesAsync(target.Host, cancellationToken);
        var allowed = Array.FindAll(found, address => !HostRules.IsForbiddenAddress(address));
        if (allowed.Length == 0 || HostRules.IsForbiddenTarget(target.Host))
        {
            throw Forbidden(target.Host);
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, target.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
