using System.Net.Http.Headers;

namespace Pier.Distribution.Transport;

/// <summary>A request that can be sent again, to another address or with other credentials.</summary>
/// <param name="Method">GET or HEAD.</param>
/// <param name="Address">Where to begin.</param>
/// <param name="What">Names upstream and resource in messages.</param>
internal sealed record Exchange(HttpMethod Method, Uri Address, string What)
{
    /// <summary>Acceptable media types; empty for any.</summary>
    public IReadOnlyList<string> Accept { get; init; } = [];

    /// <summary>The wanted part, or null.</summary>
    public RangeHeaderValue? Range { get; init; }

    /// <summary>Credentials for the first address, and for redirects that stay on it.</summary>
    public AuthenticationHeaderValue? Authorization { get; init; }

    /// <summary>Form fields to post, or null.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Form { get; init; }
}
