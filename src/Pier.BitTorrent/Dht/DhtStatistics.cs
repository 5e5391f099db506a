using System.Net;

namespace Pier.BitTorrent.Dht;

/// <summary>A DHT node's numbers at one moment.</summary>
public sealed record DhtStatistics
{
    /// <summary>Nodes in both routing tables.</summary>
    public int Nodes { get; init; }

    /// <summary>Torrents of others whose peers are kept.</summary>
    public int StoredTorrents { get; init; }

    /// <summary>Peers that are kept.</summary>
    public int StoredPeers { get; init; }

    /// <summary>Torrents of our own that are announced.</summary>
    public int Followed { get; init; }

    /// <summary>Searches that run.</summary>
    public int Searches { get; init; }

    /// <summary>Queries sent so far.</summary>
    public long QueriesSent { get; init; }

    /// <summary>Queries answered so far.</summary>
    public long QueriesAnswered { get; init; }

    /// <summary>Datagrams passed over so far: too many, malformed, or answers to nothing.</summary>
    public long Dropped { get; init; }

    /// <summary>Our IPv4 address as the world sees it; null while unknown.</summary>
    public IPAddress? ExternalAddress { get; init; }
}
