using System.Net;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Dht;

/// <summary>A torrent of ours that is announced in the DHT again and again, and whose peers are looked for.</summary>
internal sealed class Followed(InfoHash infoHash, Action<IReadOnlyList<IPEndPoint>> found)
{
    /// <summary>Its name.</summary>
    public InfoHash InfoHash => infoHash;

    /// <summary>Takes peers as they are found; must not wait.</summary>
    public Action<IReadOnlyList<IPEndPoint>> Found => found;

    /// <summary>When it is to be searched for again.</summary>
    public long DueAt { get; set; }

    /// <summary>When the last search ended; null before the first has.</summary>
    public long? SearchedAt { get; set; }

    /// <summary>Lookups that run for it: one for each address family.</summary>
    public int Running { get; set; }

    /// <summary>Nodes that answered in the search that runs.</summary>
    public int Answers { get; set; }

    /// <summary>It is not followed any more.</summary>
    public bool IsDropped { get; set; }
}
