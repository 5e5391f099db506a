using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Pier.Content.Contracts;
using Pier.Content.Uris;

namespace Pier.Dat.Getting;

/// <summary>Asks web servers, never those that nobody may ask.</summary>
internal sealed class WebClient : IDisposable
{
    private const int MostRedirects = 10;

    private readonly HttpClient _client;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;

    /// <param name="time">The clock.</param>
    /// <param name="patience">How long a server may be silent.</param>
    public WebClient(TimeProvider time, TimeSpan patience)
    {
        (_time, _patience) = (time, patience);
        _client = new HttpClient(new SocketsHttpHandler { MaxAutomaticRedirections = MostRedirects, ConnectCallback = ConnectAsync, UseCookies = false })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("pierdat/0.1");
    }

    /// <summary>A small document.</summary>
    /// <exception cref="DatException">It cannot be had, or is longer than that.</exception>
    public async Task<byte[]> GetBytesAsync(Uri address, long limit, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await CopyAsync(address, buffer, limit, cancellationToken);
        return buffer.ToArray();
    }

    /// <summary>Copies a file to a stream; one that stands still is given up.</summary>
    /// <exception cref="DatException">It cannot be had, or is longer than the limit.</exception>
    public async Task CopyAsync(Uri address, Stream destination, long limit, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(_patience, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            using var answer = await _client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, stop.Token);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                throw new DatException($"{Shown(address)}: answered {(int)answer.StatusCode}");
            }

            await using var body = await answer.Content.ReadAsStreamAsync(stop.Token);
            var buffer = new byte[1 << 20];
            var total = 0L;
            for (int read; (read = await body.ReadAsync(buffer, stop.Token)) > 0;)
            {
                silence.CancelAfter(_patience);
                total += read;
                if (total > limit)
                {
                    throw new DatException($"{Shown(address)}: longer than {limit} bytes");
                }

                await destination.WriteAsync(buffer.AsMemory(0, read), stop.Token);
            }

            if (answer.Content.Headers.ContentLength is { } length && length != total)
            {
                throw new DatException($"{Shown(address)}: ended after {total} of {length} bytes");
            }
        }
        catch (HttpRequestException failure)
        {
            throw failure.InnerException as DatException ?? (failure.InnerException is ContentException refused ? new DatException(refused.Message, failure) : null) ?? new DatException($"{Shown(address)}: {failure.Message}{HintOf(failure)}", failure);
        }
        catch (OperationCanceledException silent) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DatException($"{Shown(address)}: nothing came for {_patience.TotalSeconds:0} s", silent);
        }
    }

    /// <summary>The address as messages show it: user, password and query may be secrets.</summary>
    public static string Shown(Uri address) => new UriBuilder(address) { UserName = "", Password = "", Query = "", Fragment = "" }.Uri.ToString();

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static string HintOf(HttpRequestException failure) => failure.InnerException is AuthenticationException
        ? " Where the image has no certificates of authorities, let SSL_CERT_FILE name a file of them."
        : "";

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var target = context.DnsEndPoint;
        HttpsSupport.Require(context.InitialRequestMessage.RequestUri);
        var found = await Dns.GetHostAddressesAsync(target.Host, cancellationToken);
        var allowed = Array.FindAll(found, address => !HostRules.IsForbiddenAddress(address));
        if (allowed.Length == 0 || HostRules.IsForbiddenTarget(target.Host))
        {
            throw new DatException($"{target.Host} is a link-local or metadata address, which Pier never asks");
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
