using System.Net;
using System.Net.Sockets;
using Pier.Content.Contracts;

namespace Pier.Distribution.Errors;

/// <summary>Turns failures of the wire into upstream failures, and those into the exceptions that Content promises.</summary>
internal static class UpstreamErrors
{
    /// <summary>The content exception for a failure; the failure stays its cause.</summary>
    public static ContentException ToContent(UpstreamException failure) => failure.Failure switch
    {
        UpstreamFailure.NotFound => new ContentNotFoundException(failure.Message, failure),
        UpstreamFailure.Denied => new ContentDeniedException(failure.Message, failure),
        _ => new ContentUnavailableException(failure.Message, failure),
    };

    /// <summary>True for failures that the next try may not meet: the server failed by its own account (5xx).</summary>
    public static bool MayPass(ContentException failure) => failure.InnerException is UpstreamException { Failure: UpstreamFailure.ServerFailed };

    /// <summary>
    /// One exception for the failures of all addresses: the last is the registry itself, or nearest to it, so its
    /// kind decides; the message names every leg.
    /// </summary>
    public static ContentException Join(IReadOnlyList<ContentException> failures)
    {
        var last = failures[^1];
        if (failures.Count == 1)
        {
            return last;
        }

        var message = string.Join(' ', failures.Select(failure => failure.Message));
        var cause = last.InnerException ?? last;
        return last switch
        {
            ContentNotFoundException => new ContentNotFoundException(message, cause),
            ContentDeniedException => new ContentDeniedException(message, cause),
            ContentMismatchException => new ContentMismatchException(message, cause),
            ContentFormatException => new ContentFormatException(message, cause),
            _ => new ContentUnavailableException(message, cause),
        };
    }

    /// <summary>The failure behind an exception of the HTTP stack, before headers came.</summary>
    public static UpstreamException FromTransport(string what, HttpRequestException broken)
    {
        for (Exception? cause = broken; cause is not null; cause = cause.InnerException)
        {
            if (cause is UpstreamException ours)
            {
                return ours;
            }
        }

        var (failure, words) = broken.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => (UpstreamFailure.NameNotResolved, "the host name has no address"),
            HttpRequestError.SecureConnectionError => (UpstreamFailure.NotSecured, "TLS failed; for a plain-HTTP registry set plainHttp, for a private authority set its CA file"),
            HttpRequestError.ProxyTunnelError => (UpstreamFailure.ProxyFailed, "the proxy refused; see HTTPS_PROXY and NO_PROXY"),
            HttpRequestError.ResponseEnded => (UpstreamFailure.NoAnswer, "the connection was closed before an answer"),
            HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded => (UpstreamFailure.BadAnswer, "the answer is no HTTP"),
            HttpRequestError.ConnectionError => (UpstreamFailure.NotConnected, "no connection"),
            _ => (UpstreamFailure.NoAnswer, "the connection broke before an answer"),
        };
        return new UpstreamException(failure, $"{what}: {words} ({Innermost(broken)}).", broken);
    }

    /// <summary>The failure behind an exception while the body was read.</summary>
    public static UpstreamException FromBody(string what, long received, Exception broken) =>
        new(UpstreamFailure.Truncated, $"{what}: the body broke off after {received} bytes ({Innermost(broken)}).", broken);

    /// <summary>The failure that a status says.</summary>
    public static UpstreamException FromStatus(string what, HttpStatusCode status, ErrorBody? body, TimeSpan? retryAfter, string? hint)
    {
        var number = (int)status;
        var (failure, words) = number switch
        {
            404 => (UpstreamFailure.NotFound, "not found"),
            401 or 403 or 451 => (UpstreamFailure.Denied, "denied"),
            429 => (UpstreamFailure.RateLimited, retryAfter is { } wait ? $"too many requests, ask again in {wait.TotalSeconds:0} s" : "too many requests"),
            >= 500 => (UpstreamFailure.ServerFailed, "the upstream failed"),
            _ => (UpstreamFailure.BadAnswer, "unexpected answer"),
        };
        var told = body is null ? "" : $" ({body})";
        var advice = hint is null ? "" : $"; {hint}";
        return new UpstreamException(failure, $"{what}: {number}, {words}{told}{advice}.")
        {
            Status = number,
            Code = body?.Code,
            RetryAfter = retryAfter,
        };
    }

    private static string Innermost(Exception broken)
    {
        var cause = broken.GetBaseException();
        return cause is SocketException socket ? $"{socket.SocketErrorCode}: {socket.Message}" : cause.Message;
    }
}
