using System.Net;

namespace Pier.BitTorrent.Peers;

/// <summary>Who sent a block: remembered with the block after the connection is gone, and compared by identity of the connection.</summary>
internal sealed class PeerOrigin(IPEndPoint endPoint, PeerId id, bool isWebSeed = false)
{
    /// <summary>Where it was connected.</summary>
    public IPEndPoint EndPoint => endPoint;

    /// <summary>What it called itself.</summary>
    public PeerId Id => id;

    /// <summary>Whether it is a web server, which shares its address with others that are no worse for it.</summary>
    public bool IsWebSeed => isWebSeed;
}
