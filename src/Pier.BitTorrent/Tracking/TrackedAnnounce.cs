using System.Net;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Tracking;

/// <summary>An announce that our tracker received.</summary>
/// <param name="InfoHash">The swarm.</param>
/// <param name="PeerId">The peer's id.</param>
/// <param name="EndPoint">Where the request came from, with the port that the peer listens on. What a peer says of its own address is not believed.</param>
/// <param name="Left">Bytes the peer misses.</param>
/// <param name="Event">Occasion.</param>
/// <param name="PeersWanted">How many peers it asks for; null when not said.</param>
/// <param name="SameFamilyOnly">Tell only of peers of the asking one's address family, as over UDP (BEP 15).</param>
public readonly record struct TrackedAnnounce(
    InfoHash InfoHash,
    PeerId PeerId,
    IPEndPoint EndPoint,
    long Left,
    AnnounceEvent Event,
    int? PeersWanted,
    bool SameFamilyOnly = false);
