namespace Pier.Distribution.Errors;

/// <summary>Which leg of a request to an upstream failed: a closed list, the message tells the rest.</summary>
public enum UpstreamFailure
{
    /// <summary>The host's name has no address.</summary>
    NameNotResolved,

    /// <summary>No connection came about: refused, unreachable, or no answer in time.</summary>
    NotConnected,

    /// <summary>TLS failed: certificate, protocol, or the server speaks plain HTTP.</summary>
    NotSecured,

    /// <summary>The proxy refused or could not be reached.</summary>
    ProxyFailed,

    /// <summary>The request was sent and no headers came in time.</summary>
    NoAnswer,

    /// <summary>The body stopped moving.</summary>
    Stalled,

    /// <summary>The body ended before its announced length.</summary>
    Truncated,

    /// <summary>The upstream, or its token server, wants other credentials.</summary>
    Denied,

    /// <summary>The upstream says that it does not have it.</summary>
    NotFound,

    /// <summary>Too many requests; see <see cref="UpstreamException.RetryAfter"/>.</summary>
    RateLimited,

    /// <summary>The upstream failed by its own account (5xx).</summary>
    ServerFailed,

    /// <summary>The answer breaks the protocol: wrong status, missing header, too large, not what was asked for.</summary>
    BadAnswer,

    /// <summary>Too many redirects, or one that would leave TLS.</summary>
    BadRedirect,

    /// <summary>The address, or one it led to, is link-local or a metadata service.</summary>
    ForbiddenTarget,
}
