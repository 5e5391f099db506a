using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pier.Api.Errors;
using Pier.Api.Progress;

namespace Pier.Api;

/// <summary>
/// Speaks the control contract over the daemon's Unix socket. Every call fails with
/// <see cref="DaemonUnreachableException"/> when nothing answers and with <see cref="ApiException"/> when the daemon refuses.
/// </summary>
public sealed class ControlClient : IDisposable
{
    /// <summary>A daemon that is started this moment has this long to open its socket's queue.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly string _socketPath;
    private readonly HttpClient _http;

    /// <summary>A client of the daemon that listens on that socket; connects at the first call.</summary>
    public ControlClient(string socketPath)
    {
        _socketPath = socketPath;
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            ConnectTimeout = ConnectTimeout,
            UseProxy = false,
            AllowAutoRedirect = false,
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://localhost"), Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Gets a document.</summary>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);
        return await ReadAsync(answer, type, cancellationToken);
    }

    /// <summary>Sends a request without a body and gets a document.</summary>
    public async Task<T> SendAsync<T>(HttpMethod method, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(new HttpRequestMessage(method, path), cancellationToken);
        return await ReadAsync(answer, type, cancellationToken);
    }

    /// <summary>Deletes something; there is no answer but that it is done.</summary>
    public async Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Delete, path), cancellationToken);
    }

    /// <summary>Posts a document and gets one.</summary>
    public async Task<TAnswer> PostAsync<TRequest, TAnswer>(
        string path, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(request, requestType) };
        using var answer = await SendAsync(message, cancellationToken);
        return await ReadAsync(answer, answerType, cancellationToken);
    }

    /// <summary>Posts a stream of bytes and gets a document.</summary>
    public async Task<T> PostStreamAsync<T>(string path, HttpContent body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };
        using var answer = await SendAsync(message, cancellationToken);
        return await ReadAsync(answer, type, cancellationToken);
    }

    /// <summary>Gets bytes, copied to a stream as they arrive.</summary>
    public async Task CopyToAsync(string path, Stream destination, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        await body.CopyToAsync(destination, cancellationToken);
    }

    /// <summary>Posts a document and yields the lines of the long answer; ends after the result.</summary>
    /// <exception cref="ApiException">The work failed.</exception>
    public async IAsyncEnumerable<ProgressLine> PostLinesAsync<TRequest>(
        string path, TRequest request, JsonTypeInfo<TRequest> type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(request, type) };
        using var answer = await SendAsync(message, cancellationToken);
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var ended = false;
        await foreach (var line in JsonSerializer
            .DeserializeAsyncEnumerable(body, ApiJson.Default.ProgressLine, topLevelValues: true, cancellationToken))
        {
            if (line is ProgressFailure failure)
            {
                throw new ApiException((int)answer.StatusCode, failure.Error);
            }
            ended |= line is not null and not ProgressUpdate;
            if (line is not null)
            {
                yield return line;
            }
        }
        if (!ended)
        {
            throw Broken(new HttpIOException(HttpRequestError.ResponseEnded));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socketPath), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException unreachable)
        {
            throw unreachable.InnerException is SocketException reason ? Unreachable(reason) : Broken(unreachable);
        }
        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }
        using (answer)
        {
            throw new ApiException((int)answer.StatusCode, await ReadErrorAsync(answer, cancellationToken));
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        await answer.Content.ReadFromJsonAsync(type, cancellationToken)
        ?? throw new ApiException((int)answer.StatusCode, new ApiError(ApiErrorCodes.Internal, "The daemon answered null where a document belongs."));

    private static async Task<ApiError> ReadErrorAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            var error = await answer.Content.ReadFromJsonAsync(ApiJson.Default.ApiError, cancellationToken);
            return error is { Code: not null, Message: not null } ? error : Unexplained(answer);
        }
        catch (JsonException)
        {
            return Unexplained(answer);
        }
    }

    private static ApiError Unexplained(HttpResponseMessage answer) => new(
        ApiErrorCodes.Internal,
        $"The daemon answered {(int)answer.StatusCode} {answer.ReasonPhrase} without saying why.",
        "Is another program listening on this socket, or a pierd of another version?");

    private DaemonUnreachableException Unreachable(SocketException reason) => reason.SocketErrorCode switch
    {
        SocketError.AccessDenied => new(
            $"You may not use the daemon's socket {_socketPath}.",
            $"Run the command with sudo, or join the group that owns the socket (see: ls -l {_socketPath}).",
            reason),
        SocketError.ConnectionRefused => new(
            $"No pierd answers on {_socketPath}: the socket is there, but no daemon listens.",
            "It has stopped. Start it: sudo systemctl start pierd, or run pierd in a terminal.",
            reason),
        _ => new(
            $"No pierd answers on {_socketPath}: {(File.Exists(_socketPath) ? reason.Message : "there is no such socket")}.",
            "Start it: sudo systemctl start pierd, or run pierd in a terminal; name another socket with --socket PATH or PIER_SOCKET.",
            reason),
    };

    private DaemonUnreachableException Broken(Exception cause) => new(
        $"The connection to pierd on {_socketPath} broke before the answer was complete.",
        "The daemon stopped or crashed in the middle; its log says more (journalctl -u pierd). Then run the command again.",
        cause);
}
