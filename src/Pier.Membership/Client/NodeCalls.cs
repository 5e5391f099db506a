using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pier.Membership.Members;
using Pier.Membership.Wire;

namespace Pier.Membership.Client;

/// <summary>
/// Calls over one connection pool: sends, bounds time and size, and turns every failure into a
/// <see cref="MemberException"/> that names the leg. Small calls share one HTTP/2 connection, which heartbeats keep
/// warm; blobs take HTTP/1.1 connections of their own.
/// </summary>
internal sealed class NodeCalls(TimeProvider clock)
{
    /// <summary>Sends a small call and reads its whole answer; null for 404.</summary>
    public async Task<NodeAnswer?> CallAsync(
        Member member, HttpMessageInvoker http, HttpMethod method, string path, HttpContent? body, int maxBytes, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var waiting = new CancellationTokenSource(patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(waiting.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(method, UriOf(member, path));
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
            request.Content = body;
            using var response = await http.SendAsync(request, either.Token);
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }

            Expect(member, response, HttpStatusCode.OK, HttpStatusCode.NoContent);
            return new NodeAnswer(
                response.Content.Headers.ContentType?.ToString() ?? "", await ReadAsync(member, response, maxBytes, either.Token),
                response.Headers.Contains(NodeRoutes.PublicHeader));
        }
        catch (OperationCanceledException cause) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MemberException(member, MemberFailure.TimedOut, $"no answer to {path} in {patience.TotalMilliseconds:0} ms.", cause);
        }
        catch (Exception cause) when (cause is HttpRequestException or IOException and not MemberException)
        {
            throw Failed(member, path, cause);
        }
    }

    /// <summary>As above with JSON both ways.</summary>
    public async Task<TAnswer?> CallAsync<TBody, TAnswer>(
        Member member, HttpMessageInvoker http, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, TimeSpan patience, CancellationToken cancellationToken)
        where TAnswer : class
    {
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, bodyType));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var answer = await CallAsync(member, http, HttpMethod.Post, path, content, NodeRoutes.MaxJsonBytes, patience, cancellationToken);
        return answer is { Body.IsEmpty: false } ? Parse(member, answer.Body, answerType) : null;
    }

    /// <summary>Sends a request for a blob's range and returns once the headers are there.</summary>
    public async Task<HttpResponseMessage> OpenAsync(
        Member member, HttpMessageInvoker http, string path, RangeHeaderValue range, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var waiting = new CancellationTokenSource(patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(waiting.Token, cancellationToken);
        HttpResponseMessage? response = null;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, UriOf(member, path));
            request.Version = HttpVersion.Version11;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
            request.Headers.Range = range;
            response = await http.SendAsync(request, either.Token);
            Expect(member, response, HttpStatusCode.PartialContent, HttpStatusCode.OK);
            return response;
        }
        catch (OperationCanceledException cause) when (!cancellationToken.IsCancellationRequested)
        {
            response?.Dispose();
            throw new MemberException(member, MemberFailure.TimedOut, $"no answer to {path} in {patience.TotalMilliseconds:0} ms.", cause);
        }
        catch (Exception cause) when (cause is HttpRequestException or IOException)
        {
            response?.Dispose();
            throw cause as MemberException ?? Failed(member, path, cause);
        }
    }

    /// <summary>Parses a bounded JSON answer.</summary>
    public static T Parse<T>(Member member, ReadOnlyMemory<byte> body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, type) ?? throw new JsonException("the answer is null.");
        }
        catch (JsonException cause)
        {
            throw new MemberException(member, MemberFailure.Malformed, cause.Message, cause);
        }
    }

    private static Uri UriOf(Member member, string path) => new($"https://{member.Endpoint}{path}");

    private static MemberException Failed(Member member, string path, Exception cause) =>
        cause is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.VersionNegotiationError }
            ? new(member, MemberFailure.Unreachable, $"no connection: {(cause.InnerException ?? cause).Message}", cause)
            : new(member, MemberFailure.Broken, $"{path} broke off: {cause.Message}", cause);

    private static void Expect(Member member, HttpResponseMessage response, HttpStatusCode one, HttpStatusCode other)
    {
        if (response.StatusCode == one || response.StatusCode == other)
        {
            return;
        }

        throw new MemberException(
            member,
            response.StatusCode switch
            {
                HttpStatusCode.Forbidden => MemberFailure.Refused,
                HttpStatusCode.NotFound or HttpStatusCode.RequestedRangeNotSatisfiable => MemberFailure.NotHeld,
                HttpStatusCode.ServiceUnavailable => MemberFailure.Busy,
                >= HttpStatusCode.InternalServerError => MemberFailure.Broken,
                _ => MemberFailure.Malformed,
            },
            $"it answered {(int)response.StatusCode} to {response.RequestMessage?.RequestUri?.AbsolutePath}.");
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Member member, HttpResponseMessage response, int maxBytes, CancellationToken cancellationToken)
    {
        var announced = response.Content.Headers.ContentLength;
        var content = new ArrayBufferWriter<byte>((int)Math.Clamp(announced ?? 0, 256, maxBytes));
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        while (true)
        {
            if (announced > maxBytes || content.WrittenCount > maxBytes)
            {
                throw new MemberException(member, MemberFailure.Malformed, $"its answer is over {maxBytes} bytes.");
            }

            var read = await stream.ReadAsync(content.GetMemory(), cancellationToken);
            if (read == 0)
            {
                return content.WrittenMemory;
            }

            content.Advance(read);
        }
    }
}
