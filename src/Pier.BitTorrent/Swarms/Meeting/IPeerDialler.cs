using System.Net;

namespace Pier.BitTorrent.Swarms.Meeting;

/// <summary>Makes the connections that a swarm's loop wants.</summary>
internal interface IPeerDialler
{
    /// <summary>Whether connections from or to this address are wanted.</summary>
    bool Admits(IPAddress address);

    /// <summary>Connects in the background; false when too many connections are open or being made.</summary>
    bool TryDial(IPEndPoint endPoint);
}
