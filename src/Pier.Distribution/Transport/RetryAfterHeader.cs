namespace Pier.Distribution.Transport;

/// <summary>Reads <c>Retry-After</c> (RFC 9110 §10.2.3).</summary>
internal static class RetryAfterHeader
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    /// <summary>The wait that an answer asks for, or null. Dates are taken against the answer's own <c>Date</c>.</summary>
    public static TimeSpan? Read(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        var wait = header?.Delta ?? (header?.Date - response.Headers.Date);
        return wait is { } told && told >= TimeSpan.Zero ? (told < Longest ? told : Longest) : null;
    }
}
