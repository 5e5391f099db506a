using System.Net;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Wire;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>A connection over which nothing passes; one that somebody else made, unless it is said.</summary>
internal sealed class QuietLink(IPEndPoint endPoint, bool isOutgoing = false, PeerId? peerId = null) : IPeerLink
{
    public IPEndPoint EndPoint => endPoint;

    public PeerSession? Session { get; set; }

    public bool IsOutgoing => isOutgoing;

    public Handshake Remote { get; } = new(ReservedBits.Fast, default, peerId ?? PeerId.Create());

    public bool IsFast => true;

    public PeerOrigin Origin => new(endPoint, Remote.PeerId);

    public IPeerOutbox Outbox { get; } = new PeerOutbox(maxUploads: 8);

    public RequestTable Requests { get; } = new();

    public ExtensionIds Ids => default;

    public long ConnectedAt => 0;

    public long LastReceived { get; set; }

    public long LastSent { get; set; }

    public long Downloaded => 0;

    public long Uploaded { get; set; }

    public long Duplicate => 0;

    public long Unrequested => 0;

    public bool IsClosing { get; private set; }

    public bool IsBroken => false;

    public void Break(WireException violation) => throw new NotSupportedException();

    public void Close(string reason) => IsClosing = true;
}
