using System.Net;
using System.Net.Sockets;

namespace Pier.Distribution.Transport;

/// <summary>
/// <c>HTTPS_PROXY</c>, <c>HTTP_PROXY</c> and <c>NO_PROXY</c> as Docker's daemon reads them: lower case works too,
/// loopback is always direct, <c>NO_PROXY</c> knows domains, addresses, CIDR blocks, ports and <c>*</c>.
/// </summary>
internal sealed class ProxyRules : IWebProxy
{
    private readonly Uri? _http;
    private readonly Uri? _https;
    private readonly string[] _direct;

    public ProxyRules(Func<string, string?> environment)
    {
        _http = Address("HTTP_PROXY", environment);
        _https = Address("HTTPS_PROXY", environment);
        _direct = (Either("NO_PROXY", environment) ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);
        Credentials = new ProxyCredentials(_http, _https);
    }

    /// <summary>User and password written in the proxies' addresses.</summary>
    public ICredentials? Credentials { get; set; }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) => destination.Scheme == Uri.UriSchemeHttps ? _https : _http;

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => GetProxy(host) is null || IsDirect(host);

    private bool IsDirect(Uri target)
    {
        var host = target.IdnHost.TrimEnd('.').ToLowerInvariant();
        var isAddress = IPAddress.TryParse(host, out var address);
        if (host == "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal) || (isAddress && IPAddress.IsLoopback(address!)))
        {
            return true;
        }

        return Array.Exists(_direct, rule => Matches(rule.ToLowerInvariant(), host, target.Port, isAddress ? address : null));
    }

    private static bool Matches(string rule, string host, int port, IPAddress? address)
    {
        if (rule == "*")
        {
            return true;
        }

        if (address is not null && IPNetwork.TryParse(rule, out var block))
        {
            return block.Contains(address);
        }

        var (name, rulePort) = SplitPort(rule);
        if (rulePort is not null && rulePort != port)
        {
            return false;
        }

        if (IPAddress.TryParse(name, out var one))
        {
            return one.Equals(address);
        }

        // ".example.com" and "*.example.com" mean subdomains, "example.com" the domain as well.
        var domain = name.StartsWith("*.", StringComparison.Ordinal) ? name[1..] : name;
        return domain.StartsWith('.')
            ? host.EndsWith(domain, StringComparison.Ordinal)
            : host == domain || host.EndsWith($".{domain}", StringComparison.Ordinal);
    }

    private static (string Name, int? Port) SplitPort(string rule)
    {
        var colon = rule.LastIndexOf(':');
        var bracket = rule.LastIndexOf(']');
        var isBareIPv6 = bracket < 0 && colon >= 0 && rule.IndexOf(':', StringComparison.Ordinal) != colon;
        if (!isBareIPv6 && colon > bracket && int.TryParse(rule.AsSpan(colon + 1), out var port))
        {
            return (rule[..colon].Trim('[', ']'), port);
        }

        return (rule.Trim('[', ']'), null);
    }

    private static Uri? Address(string name, Func<string, string?> environment)
    {
        if (Either(name, environment) is not { Length: > 0 } value)
        {
            return null;
        }

        var address = value.Contains("://", StringComparison.Ordinal) ? value : $"http://{value}";
        return Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "socks5" or "socks4" or "socks4a"
            ? uri
            : throw new ArgumentException($"{name} is no proxy address; expected http://host:port, https:// or socks5://.", nameof(environment));
    }

    private static string? Either(string name, Func<string, string?> environment) =>
        environment(name) ?? environment(name.ToLowerInvariant());

    /// <summary>The credentials that stand in a proxy's address, for that proxy alone.</summary>
    private sealed class ProxyCredentials(params Uri?[] proxies) : ICredentials
    {
        public NetworkCredential? GetCredential(Uri uri, string authType)
        {
            var proxy = Array.Find(proxies, known => known is { UserInfo.Length: > 0 } && known.Host == uri.Host && known.Port == uri.Port);
            if (proxy is null)
            {
                return null;
            }

            var parts = proxy.UserInfo.Split(':', 2);
            return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
        }
    }
}
