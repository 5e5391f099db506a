using System.Net;
using System.Net.Sockets;

namespace Pier.BitTorrent.Trackers;

/// <summary>Gives the addresses of a host.</summary>
internal delegate Task<IPAddress[]> HostLookup(string host, CancellationToken cancellationToken);

/// <summary>Finds the addresses of a tracker's host, without those where no tracker may be.</summary>
internal static class TrackerHosts
{
    /// <summary>Asks the system for the addresses of a host.</summary>
    public static HostLookup System { get; } = Dns.GetHostAddressesAsync;

    /// <summary>A lookup that gives addresses of one family alone.</summary>
    public static HostLookup Only(AddressFamily family, HostLookup lookup) => async (host, cancellationToken) =>
    {
        var addresses = await lookup(host, cancellationToken).ConfigureAwait(false);
        addresses = Array.FindAll(addresses, address => address.AddressFamily == family);
        return addresses.Length > 0
            ? addresses
            : throw new SocketException((int)SocketError.HostNotFound, $"{host} has no address of family {family}");
    };

    /// <exception cref="SocketException">The host is unknown or has no address that is allowed.</exception>
    public static async Task<IPAddress[]> ResolveAsync(string host, HostLookup lookup, CancellationToken cancellationToken)
    {
        var addresses = await lookup(host, cancellationToken).ConfigureAwait(false);
        var allowed = Array.FindAll(addresses, TrackerBounds.MayBeTracker);
        return allowed.Length > 0
            ? allowed
            : throw new SocketException((int)SocketError.AccessDenied, $"{host} has only link-local addresses, where no tracker may be");
    }
}
