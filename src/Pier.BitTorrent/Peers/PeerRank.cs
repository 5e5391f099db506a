using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Engine;

namespace Pier.BitTorrent.Peers;

/// <summary>Ranks addresses by canonical peer priority (BEP 40), as far as we know our own.</summary>
internal sealed class PeerRank(EngineServices services)
{
    /// <summary>The priority of a connection with a peer that listens there; higher is better.</summary>
    public uint Of(IPEndPoint theirs)
    {
        var family = theirs.AddressFamily;
        var any = family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
        var ours = services.OwnAddresses.Find(family)
            ?? (services.Options.Listen.AddressFamily == family ? services.Options.Listen.Address : any);
        if (ours.Equals(any) || (IPAddress.IsLoopback(ours) && !IPAddress.IsLoopback(theirs.Address)))
        {
            // Ranked from the same unknown place, everybody would choose the same few peers.
            return (uint)HashCode.Combine(services.PeerId, theirs);
        }

        return PeerPriority.Of(new IPEndPoint(ours, services.ListenPort), theirs);
    }
}
