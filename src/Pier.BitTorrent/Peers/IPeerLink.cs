using System.Net;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Peers;

/// <summary>A connection after its handshakes, as a swarm's loop sees it: over a socket, or on a simulated network.</summary>
internal interface IPeerLink
{
    /// <summary>The other side's address.</summary>
    IPEndPoint EndPoint { get; }

    /// <summary>How near the other side is.</summary>
    PeerClass Class => PeerClass.World;

    /// <summary>What its swarm's loop knows of it; null before it has joined and after it has left. Only the loop touches it.</summary>
    PeerSession? Session { get; set; }

    /// <summary>Whether we connected.</summary>
    bool IsOutgoing { get; }

    /// <summary>The other side's handshake.</summary>
    Handshake Remote { get; }

    /// <summary>Whether it speaks the fast extension (BEP 6), as we do.</summary>
    bool IsFast { get; }

    /// <summary>Whether all that passes is encrypted, not only how it began.</summary>
    bool IsEncrypted => false;

    /// <summary>Who its blocks are remembered by.</summary>
    PeerOrigin Origin { get; }

    /// <summary>What is to be sent.</summary>
    IPeerOutbox Outbox { get; }

    /// <summary>What it is asked for.</summary>
    RequestTable Requests { get; }

    /// <summary>Its numbers for extended messages (BEP 10), none until it said so.</summary>
    ExtensionIds Ids { get; }

    /// <summary>When the handshakes were done.</summary>
    long ConnectedAt { get; }

    /// <summary>When a whole message last came: a peer that drips bytes is as good as silent.</summary>
    long LastReceived { get; }

    /// <summary>When bytes last went.</summary>
    long LastSent { get; }

    /// <summary>Bytes of blocks that came.</summary>
    long Downloaded { get; }

    /// <summary>Bytes of blocks that went.</summary>
    long Uploaded { get; }

    /// <summary>Bytes of blocks that came twice.</summary>
    long Duplicate { get; }

    /// <summary>Bytes of blocks that came unasked, or after they had been cancelled.</summary>
    long Unrequested { get; }

    /// <summary>Whether it is being closed.</summary>
    bool IsClosing { get; }

    /// <summary>Whether it ended because the peer broke the protocol.</summary>
    bool IsBroken { get; }

    /// <summary>Closes the connection, because the peer broke the protocol.</summary>
    void Break(WireException violation);

    /// <summary>Closes the connection.</summary>
    /// <param name="reason">Why.</param>
    void Close(string reason);
}
