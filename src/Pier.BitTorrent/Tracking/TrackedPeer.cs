using System.Net;
using Pier.BitTorrent.Peers;

namespace Pier.BitTorrent.Tracking;

/// <summary>A peer as our tracker tells others of it.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="PeerId">Its id.</param>
public readonly record struct TrackedPeer(PeerAddress Address, PeerId PeerId)
{
    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => Address.ToEndPoint();
}
