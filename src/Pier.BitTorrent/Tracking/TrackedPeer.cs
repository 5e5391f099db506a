using System.Net;
using Pier.BitTorrent.Peers;

namespace Pier.BitTorrent.Tracking;

/// <summary>A peer as our tracker tells others of it.</summary>
/// <param name="EndPoint">Where it listens.</param>
/// <param name="PeerId">Its id.</param>
public readonly record struct TrackedPeer(IPEndPoint EndPoint, PeerId PeerId);
