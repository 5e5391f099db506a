using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Pier.Buildkit.Wire;

namespace Pier.Buildkit.Gateway;

/// <summary>Unary gRPC calls over one stream that is there already (docs/decisions/0002): HTTP/2 without TLS, five bytes before each message.</summary>
internal sealed class GrpcChannel : IDisposable
{
    private const int PrefixSize = 5;
    private const int WindowSize = 1 << 20;
    private const int Unknown = 2;

    private readonly HttpClient _client;

    /// <param name="connection">The connection; there can be only one.</param>
    public GrpcChannel(Stream connection)
    {
        // Round-trip pings would wake BuildKit for nothing on a pipe.
        AppContext.SetSwitch("System.Net.SocketsHttpHandler.Http2FlowControl.DisableDynamicWindowSizing", true);
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = (_, _) => ValueTask.FromResult(connection),
            EnableMultipleHttp2Connections = false,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            InitialHttp2StreamWindowSize = WindowSize,
            UseProxy = false,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Calls a method and returns its answer.</summary>
    /// <param name="path">Service and method: <c>package.Service/Method</c>.</param>
    /// <param name="request">The request.</param>
    /// <param name="parser">Reads the answer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="GrpcException">The other side refused.</exception>
    /// <exception cref="HttpRequestException">The connection broke.</exception>
    public async Task<T> CallAsync<T>(string path, IMessage request, MessageParser<T> parser, CancellationToken cancellationToken)
        where T : IMessage<T>
    {
        var size = request.CalculateSize();
        var body = new byte[PrefixSize + size];
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(1), (uint)size);
        request.WriteTo(body.AsSpan(PrefixSize));
        using var message = new HttpRequestMessage(HttpMethod.Post, "http://localhost/" + path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        message.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        using var answer = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var data = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        Judge(answer);
        return data.Length >= PrefixSize
            ? parser.ParseFrom(data, PrefixSize, data.Length - PrefixSize)
            : throw new GrpcException(new Status { Code = Unknown, Message = $"{path} was answered without a message." });
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static void Judge(HttpResponseMessage answer)
    {
        var code = Field(answer, "grpc-status");
        if (code == "0")
        {
            return;
        }

        var status = Field(answer, "grpc-status-details-bin") is { } details ? Status.Parser.ParseFrom(FromBase64(details)) : new Status();
        status.Code = int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : Unknown;
        status.Message = Field(answer, "grpc-message") is { } message ? Uri.UnescapeDataString(message) : $"BuildKit answered HTTP {(int)answer.StatusCode}.";
        throw new GrpcException(status);
    }

    /// <summary>A status field: in the trailers, or in the headers when there was no body.</summary>
    private static string? Field(HttpResponseMessage answer, string name) =>
        answer.TrailingHeaders.TryGetValues(name, out var values) || answer.Headers.TryGetValues(name, out values) ? values.First() : null;

    /// <summary>gRPC leaves the padding out.</summary>
    private static byte[] FromBase64(string text) => Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
}
