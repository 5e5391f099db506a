using System.Net;
using Microsoft.AspNetCore.Http;

namespace Pier.Daemon.Http;

/// <summary>
/// Knows by which names this node may be called. Any other Host means that a browser was led here under a foreign name
/// (DNS rebinding), and gets 421 (RFC 9110 §15.5.20).
/// </summary>
internal sealed class HostNames
{
    private readonly HashSet<string> _names;

    /// <summary>Loopback's names and those given.</summary>
    public HostNames(IEnumerable<string> others) =>
        _names = others.Select(Plain).Append("localhost").ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>True for loopback, a known name, or the very address the client connected to.</summary>
    public bool Knows(HostString host, IPAddress? local)
    {
        if (!host.HasValue)
        {
            return false;
        }
        var name = Plain(host.Host);
        return IPAddress.TryParse(name, out var address)
            ? IPAddress.IsLoopback(address) || (local is not null && address.Equals(Unmapped(local))) || _names.Contains(name)
            : _names.Contains(name);
    }

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static string Plain(string name) => name.Trim('[', ']').TrimEnd('.');
}
