using System.Globalization;

namespace Pier.Membership.Joining;

/// <summary>Whom to join and with what: <c>--join HOST[:PORT]</c> beside a token, or <c>--join TOKEN@HOST[:PORT]</c> in one.</summary>
/// <param name="Host">Host name or IP address; an IPv6 address without brackets.</param>
/// <param name="Port">The node port there.</param>
/// <param name="Token">The join token.</param>
public sealed record JoinTarget(string Host, int Port, JoinToken Token)
{
    /// <summary>The node port unless an address says otherwise (design §1).</summary>
    public const int DefaultPort = 5059;

    /// <summary>Parses an address, with the token before an <c>@</c> or given beside it.</summary>
    /// <exception cref="FormatException">No host, a port out of range, no token, or two.</exception>
    public static JoinTarget Parse(string address, string? token)
    {
        ArgumentNullException.ThrowIfNull(address);
        var at = address.LastIndexOf('@');
        if (at >= 0 == token is not null)
        {
            throw new FormatException(token is null
                ? "Joining needs a token: write it before an '@', as TOKEN@HOST:PORT, or give it beside the address. 'pier cluster token' prints one."
                : "Two join tokens are given, one before the '@' and one beside the address; give one.");
        }

        var parsed = JoinToken.Parse(token ?? address[..at]);
        var (host, port) = SplitHostPort(address[(at + 1)..].Trim());
        return new JoinTarget(host, port, parsed);
    }

    /// <summary>Address and node, no secret.</summary>
    public override string ToString() => $"{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port} ({Token.Node.Short})";

    private static (string Host, int Port) SplitHostPort(string text)
    {
        var host = text;
        var port = DefaultPort;
        var colon = text.LastIndexOf(':');
        // More than one colon and no bracket is a bare IPv6 address.
        if (colon >= 0 && (text.IndexOf(':') == colon || text[colon - 1] == ']'))
        {
            host = text[..colon];
            if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)
            {
                throw new FormatException($"'{text}' has no valid port: expected HOST:PORT with a port of 1 to 65535.");
            }
        }

        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            host = host[1..^1];
        }

        return Uri.CheckHostName(host) == UriHostNameType.Unknown
            ? throw new FormatException($"'{text}' names no host: expected HOST or HOST:PORT.")
            : (host, port);
    }
}
