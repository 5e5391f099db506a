using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Swarms.Meeting;

namespace Pier.BitTorrent.Provisional;

/// <summary>Chooses the part that this side plays while nobody has sealed the blob.</summary>
internal static class ProvisionalRole
{
    /// <summary>The role; null in a swarm of a torrent that has its hashes.</summary>
    public static IProvisionalRole? Of(
        SwarmPort port, TimeProvider time, PeerTable peers, Bitfield have, Action<PeerSession, PeerFact> apply, Action<PeerSession> after) => port.Provisional switch
    {
        null => null,
        { Vouches: true } spec => new ProvisionalHolder(spec, port.Vouched!, have, time),
        { } spec => new ProvisionalFollower(spec, port.Vouched!, peers, have.Length, apply, after),
    };
}
