using System.Text;

namespace Pier.Registry.Access;

/// <summary>Reads a name and a password from an <c>Authorization</c> header (RFC 7617 §2).</summary>
internal static class BasicLogin
{
    private const string Scheme = "Basic ";

    /// <summary>Null when the header is none of this kind, or names nobody.</summary>
    public static (string Name, string Password)? Read(string authorization)
    {
        var decoded = new byte[authorization.Length];
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            || !Convert.TryFromBase64String(authorization[Scheme.Length..].Trim(), decoded, out var count))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(decoded, 0, count);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 ? (text[..colon], text[(colon + 1)..]) : null;
    }
}
