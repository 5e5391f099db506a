using System.Buffers;

namespace Pier.Registry.Access;

/// <summary>Reads a token from an <c>Authorization</c> header (RFC 6750 §2.1).</summary>
internal static class BearerLogin
{
    private const string Scheme = "Bearer ";

    private static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");

    /// <summary>Null when the header is none of this kind, or what it has is no token.</summary>
    public static string? Read(string authorization)
    {
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var token = authorization[Scheme.Length..].Trim();
        return token.Length > 0 && !token.AsSpan().ContainsAnyExcept(Characters) ? token : null;
    }
}
