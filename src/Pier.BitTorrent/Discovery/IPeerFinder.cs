using System.Net;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Discovery;

/// <summary>A way to find the peers of a torrent without a tracker: the DHT, the local network. Thread-safe.</summary>
internal interface IPeerFinder
{
    /// <summary>Announces a torrent and looks for its peers until the result is disposed of.</summary>
    /// <param name="infoHash">Its name.</param>
    /// <param name="found">Takes peers as they are found, from any thread; must not wait.</param>
    IPeerSearch Follow(InfoHash infoHash, Action<IReadOnlyList<IPEndPoint>> found);
}
