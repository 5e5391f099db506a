using System.Net.Http.Headers;

namespace Pier.Distribution.Authentication;

/// <summary>What a request carries, and how it was got.</summary>
/// <param name="Header">The header; null to send none.</param>
/// <param name="Anonymous">True when no credential of ours is behind it.</param>
/// <param name="Token">Where the token is cached, to forget it should it be refused; null for other kinds.</param>
internal sealed record RequestAuthorization(AuthenticationHeaderValue? Header, bool Anonymous, TokenKey? Token = null)
{
    /// <summary>Nothing is sent.</summary>
    public static RequestAuthorization None { get; } = new(null, Anonymous: true);

    /// <summary>Never the header.</summary>
    public override string ToString() => Anonymous ? "anonymous" : "with credentials";
}
