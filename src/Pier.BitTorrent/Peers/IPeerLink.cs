using System.Net;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Peers;

/// <summary>A connection after its handshakes, as a swarm's loop sees it: over a socket, or on a simulated network.</summary>
internal interface IPeerLink
{
    /// <summary>The other side's address.</summary>
    IPEndPoint EndPoint { get; }

    /// <summary>Whether we connected.</summary>
    bool IsOutgoing { get; }

    /// <summary>The other side's handshake.</summary>
    Handshake Remote { get; }

    /// <summary>Whether it speaks the fast extension (BEP 6), as we do.</summary>
    bool IsFast { get; }

    /// <summary>Who its blocks are remembered by.</summary>
    PeerOrigin Origin { get; }

    /// <summary>What is to be sent.</summary>
    IPeerOutbox Outbox { get; }

    /// <summary>What it is asked for.</summary>
    RequestTable Requests { get; }

    /// <summary>Its id for ut_metadata (BEP 10: the receiver's number), 0 until it said one.</summary>
    byte MetadataId { get; }

    /// <summary>When the handshakes were done.</summary>
    long ConnectedAt { get; }

    /// <summary>When bytes last came.</summary>
    long LastReceived { get; }

    /// <summary>When bytes last went.</summary>
    long LastSent { get; }

    /// <summary>Bytes of blocks that came.</summary>
    long Downloaded { get; }

    /// <summary>Bytes of blocks that went.</summary>
    long Uploaded { get; }

    /// <summary>Bytes of blocks that came twice or unasked.</summary>
    long Wasted { get; }

    /// <summary>Closes the connection.</summary>
    /// <param name="reason">Why.</param>
    void Close(string reason);
}
