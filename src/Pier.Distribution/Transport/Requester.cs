using System.Net;
using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Distribution.Errors;

namespace Pier.Distribution.Transport;

/// <summary>
/// Sends one exchange and follows its redirects: at most ten, never from TLS to plain HTTP, never to a forbidden
/// host, and credentials never leave the origin they are for (OCI distribution-spec; RFC 9110 §15.4).
/// </summary>
internal sealed class Requester : IDisposable
{
    /// <summary>Most redirects followed; what Go's clients do.</summary>
    public const int MaxRedirects = 10;

    private readonly HttpMessageInvoker _invoker;
    private readonly UpstreamOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public Requester(HttpMessageHandler handler, UpstreamOptions options, TimeProvider time, ILogger logger)
    {
        _invoker = new HttpMessageInvoker(handler);
        _options = options;
        _time = time;
        _logger = logger;
    }

    /// <summary>Sends and returns the final answer, whatever its status; the caller disposes it.</summary>
    /// <exception cref="UpstreamException">No answer, or redirects that cannot be followed.</exception>
    public async Task<HttpResponseMessage> SendAsync(Exchange exchange, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.HeaderTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await FollowAsync(exchange, either.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested && deadline.IsCancellationRequested)
        {
            throw new UpstreamException(
                UpstreamFailure.NoAnswer, $"{exchange.What}: no answer in {_options.HeaderTimeout.TotalSeconds:0.#} s.", late);
        }
        catch (HttpRequestException broken)
        {
            throw UpstreamErrors.FromTransport(exchange.What, broken);
        }
    }

    /// <summary>The body of an answer, guarded; owns the answer.</summary>
    public async Task<BodyStream> OpenBodyAsync(HttpResponseMessage response, string what, long? length, CancellationToken cancellationToken) =>
        new(response, await response.Content.ReadAsStreamAsync(cancellationToken), what, length, _options.StallTimeout, _time, _logger);

    /// <summary>A whole small body, at most <paramref name="limit"/> bytes; null when it has more. Disposes the answer.</summary>
    public async Task<byte[]?> ReadBodyAsync(HttpResponseMessage response, string what, int limit, CancellationToken cancellationToken)
    {
        var announced = response.Content.Headers.ContentLength;
        await using var body = await OpenBodyAsync(response, what, announced, cancellationToken);
        if (announced > limit)
        {
            return null;
        }

        var buffer = new byte[announced is { } known ? (int)known + 1 : Math.Min(limit + 1, 16 * 1024)];
        var length = 0;
        while (true)
        {
            var read = await body.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                return buffer[..length];
            }

            length += read;
            if (length > limit)
            {
                return null;
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, Math.Min(buffer.Length * 2, limit + 1));
            }
        }
    }

    /// <summary>What a refusal's body says, or null; a body that breaks does not hide the refusal. Disposes the answer.</summary>
    public async Task<ErrorBody?> ReadErrorAsync(HttpResponseMessage response, string what, CancellationToken cancellationToken)
    {
        // The answer to HEAD announces a length and has no body.
        if (response.RequestMessage?.Method == HttpMethod.Head)
        {
            response.Dispose();
            return null;
        }

        try
        {
            var body = await ReadBodyAsync(response, what, ErrorBody.MaxSize, cancellationToken);
            return body is null ? null : ErrorBody.Read(body);
        }
        catch (ContentUnavailableException broken)
        {
            _logger.RefusalUnexplained(what, broken.Message);
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _invoker.Dispose();

    private async Task<HttpResponseMessage> FollowAsync(Exchange exchange, CancellationToken cancellationToken)
    {
        var address = exchange.Address;
        for (var hop = 0; hop <= MaxRedirects; hop++)
        {
            var response = await SendOneAsync(exchange, address, cancellationToken);
            if (!IsRedirect(response.StatusCode))
            {
                return response;
            }

            using (response)
            {
                address = Next(exchange, address, response);
            }

            _logger.Redirected(exchange.Address.Authority, exchange.Address.AbsolutePath, address.Authority);
        }

        throw new UpstreamException(UpstreamFailure.BadRedirect, $"{exchange.What}: more than {MaxRedirects} redirects, the last to {address.Authority}.");
    }

    private async Task<HttpResponseMessage> SendOneAsync(Exchange exchange, Uri address, CancellationToken cancellationToken)
    {
        if (HostRules.IsForbiddenTarget(address.IdnHost))
        {
            throw new UpstreamException(
                UpstreamFailure.ForbiddenTarget, $"{exchange.What}: {address.Host} is a link-local or metadata address, which Pier never asks.");
        }

        using var request = new HttpRequestMessage(exchange.Method, address);
        request.Headers.TryAddWithoutValidation("User-Agent", _options.UserAgent);
        if (_options.Pseudonym is { } pseudonym)
        {
            request.Headers.TryAddWithoutValidation("Via", $"1.1 {pseudonym}");
        }

        if (exchange.Accept.Count > 0)
        {
            request.Headers.TryAddWithoutValidation("Accept", string.Join(", ", exchange.Accept));
        }

        request.Headers.Range = exchange.Range;
        request.Headers.Authorization = SameOrigin(exchange.Address, address) ? exchange.Authorization : null;
        if (exchange.Form is not null)
        {
            request.Content = new FormUrlEncodedContent(exchange.Form);
        }

        var response = await _invoker.SendAsync(request, cancellationToken);
        _logger.Answered(exchange.Method.Method, address.Authority, address.AbsolutePath, (int)response.StatusCode);
        return response;
    }

    private static Uri Next(Exchange exchange, Uri from, HttpResponseMessage response)
    {
        var location = response.Headers.Location;
        if (location is null || !Uri.TryCreate(from, location, out var next) || next.Scheme is not ("http" or "https"))
        {
            throw new UpstreamException(UpstreamFailure.BadRedirect, $"{exchange.What}: {(int)response.StatusCode} without a usable Location.");
        }

        if (exchange.Form is not null)
        {
            // A form holds a refresh token; whoever it was sent to must answer it.
            throw new UpstreamException(UpstreamFailure.BadRedirect, $"{exchange.What}: the token server redirects to {next.Authority}.");
        }

        return from.Scheme == Uri.UriSchemeHttps && next.Scheme == Uri.UriSchemeHttp
            ? throw new UpstreamException(UpstreamFailure.BadRedirect, $"{exchange.What}: redirects from TLS to plain HTTP at {next.Authority}.")
            : next;
    }

    private static bool IsRedirect(HttpStatusCode status) => (int)status is 301 or 302 or 303 or 307 or 308;

    private static bool SameOrigin(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.Port == other.Port && string.Equals(one.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);
}
