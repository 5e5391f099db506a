using System.Runtime.InteropServices;

namespace Pier.BitTorrent.Tracking;

/// <summary>
/// How many places each host has taken, whatever the ports, so that one stranger does not take them all. IPv6 hosts count by their
/// first 64 bits, as whoever has one such address has them all. Not thread-safe: the shard holds its lock.
/// </summary>
internal sealed class HostShares
{
    private readonly Dictionary<PeerAddress, int> _taken = [];

    /// <summary>Places of a peer's host.</summary>
    public int Of(PeerAddress address) => _taken.GetValueOrDefault(address.Host);

    /// <summary>A peer takes a place.</summary>
    public void Take(PeerAddress address) => CollectionsMarshal.GetValueRefOrAddDefault(_taken, address.Host, out _)++;

    /// <summary>A peer that had taken a place leaves it.</summary>
    public void Leave(PeerAddress address)
    {
        if (--CollectionsMarshal.GetValueRefOrAddDefault(_taken, address.Host, out _) <= 0)
        {
            _taken.Remove(address.Host);
        }
    }
}
