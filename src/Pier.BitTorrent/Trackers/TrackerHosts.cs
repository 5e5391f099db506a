using System.Net;
using System.Net.Sockets;

namespace Pier.BitTorrent.Trackers;

/// <summary>Finds the addresses of a tracker's host, without those where no tracker may be.</summary>
internal static class TrackerHosts
{
    /// <exception cref="SocketException">The host is unknown or has no address that is allowed.</exception>
    public static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
        var allowed = Array.FindAll(addresses, TrackerBounds.MayBeTracker);
        return allowed.Length > 0
            ? allowed
            : throw new SocketException((int)SocketError.AccessDenied, $"{host} has only link-local addresses, where no tracker may be");
    }
}
