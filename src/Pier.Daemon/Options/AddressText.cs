using System.Net;

namespace Pier.Daemon.Options;

/// <summary>Addresses to listen on as people write them: <c>127.0.0.1:5055</c>, <c>[::1]:5055</c>, <c>localhost:5055</c>, <c>:5055</c>.</summary>
internal static class AddressText
{
    /// <summary>The end point; <paramref name="name"/> is the flag or key for error texts.</summary>
    /// <exception cref="ConfigurationException">It is no address with a port.</exception>
    public static IPEndPoint Parse(string text, string name)
    {
        var value = text.Trim();
        var colon = value.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(value.AsSpan(colon + 1), out var port))
        {
            throw Wrong(text, name);
        }
        var host = value[..colon];
        if (host.Length == 0 || host == "*")
        {
            return new IPEndPoint(DaemonOptions.EveryAddress, port);
        }
        if (string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase))
        {
            return new IPEndPoint(IPAddress.Loopback, port);
        }
        var bracketed = host.Length > 2 && host[0] == '[' && host[^1] == ']';
        return IPAddress.TryParse(bracketed ? host[1..^1] : host, out var address) && bracketed == (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)
            ? new IPEndPoint(address, port)
            : throw Wrong(text, name);
    }

    private static ConfigurationException Wrong(string text, string name) => new(
        $"{name}: '{text}' is not an address to listen on; write ADDRESS:PORT, for example 127.0.0.1:5055, [::1]:5055, or 0.0.0.0:5055 for every address.");
}
