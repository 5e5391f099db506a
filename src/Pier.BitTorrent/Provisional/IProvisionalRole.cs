using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Swarms.Meeting;

namespace Pier.BitTorrent.Provisional;

/// <summary>What differs in a swarm whose blob nobody has sealed yet. Part of a swarm's loop.</summary>
internal interface IProvisionalRole
{
    /// <summary>Takes what a peer said of pieces; false when it is to be applied as in any swarm.</summary>
    /// <exception cref="Wire.WireException">It cannot be true.</exception>
    bool Keeps(PeerSession session, PeerFact fact);

    /// <summary>Everything of a report is applied; a peer may have said for the first time who it is.</summary>
    void Look(PeerSession session);

    /// <summary>Whether a peer may be served; one that is not is heard and gets nothing.</summary>
    bool Serves(PeerSession session);

    /// <summary>A piece is here; false when it is to be announced as in any swarm.</summary>
    bool Announces(int piece);

    /// <summary>A peer has gone.</summary>
    void Left(PeerSession session);

    /// <summary>Once a second.</summary>
    void Tick();
}
