using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Encryption;
using Pier.Content.Uris;

namespace Pier.BitTorrent.WebSeeds;

/// <summary>
/// Where web seeds may be. Whoever writes a torrent chooses addresses that we then ask: never link-local and metadata
/// addresses, and of nearby ones only what was meant to be there.
/// </summary>
internal static class WebSeedHosts
{
    private const int MaxHost = 255;

    /// <summary>Finds the addresses of a host.</summary>
    /// <param name="host">A name or an address.</param>
    /// <param name="mayBeNear">Whether this host and private networks are allowed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SocketException">The host is unknown.</exception>
    /// <exception cref="WebSeedException">It has no address that is allowed.</exception>
    public static async Task<IPAddress[]> ResolveAsync(string host, bool mayBeNear, CancellationToken cancellationToken)
    {
        var name = host.Trim('[', ']');
        if (name.Length > MaxHost)
        {
            throw new WebSeedException("its host has an impossible name") { IsLasting = true };
        }

        var found = HostRules.IsForbiddenTarget(host) ? [] : await Dns.GetHostAddressesAsync(name, cancellationToken);
        var allowed = Array.FindAll(found, address => !HostRules.IsForbiddenAddress(address) && (mayBeNear || !EncryptionRules.IsNear(address)));
        return allowed.Length > 0
            ? allowed
            : throw new WebSeedException($"{host} has no address where a web seed may be") { IsLasting = true };
    }
}
