using System.Net;

namespace Pier.BitTorrent.Swarms.Meeting;

/// <summary>A peer that a swarm banned.</summary>
/// <param name="EndPoint">Where it was connected.</param>
/// <param name="Reason">What it did.</param>
/// <param name="At">When.</param>
public sealed record PeerBan(IPEndPoint EndPoint, string Reason, DateTimeOffset At);
