using System.Net;

namespace Pier.BitTorrent.Dht;

/// <summary>Settings of an engine's DHT node (BEP 5).</summary>
public sealed record DhtOptions
{
    /// <summary>Where to begin when no node is known: host names or addresses, asked in vain until one answers. None are built in.</summary>
    public IReadOnlyList<DnsEndPoint> Bootstrap { get; init; } = [];

    /// <summary>The file that keeps id and nodes between runs; null keeps nothing.</summary>
    public string? File { get; init; }

    /// <summary>Ask others and answer nobody (BEP 43): for nodes that cannot be reached, or live for minutes.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Peers of others' torrents that are kept for whoever asks.</summary>
    public int MaxStoredAnnounces { get; init; } = 50_000;

    /// <summary>Peers kept of one torrent.</summary>
    public int MaxStoredPeers { get; init; } = 200;

    /// <summary>Torrents of our own that may be announced and looked for.</summary>
    public int MaxFollowed { get; init; } = 100_000;

    /// <summary>Searches that run at once; further ones wait.</summary>
    public int MaxSearches { get; init; } = 8;

    /// <summary>Datagrams a second that are looked at, from everybody together.</summary>
    public int MaxDatagramRate { get; init; } = 2000;

    /// <summary>Queries a second that one network is answered.</summary>
    public int MaxQueryRate { get; init; } = 20;

    /// <summary>Bytes a second of answers to everybody together: whoever forges addresses has us send no more than that to his victim.</summary>
    public int MaxAnswerRate { get; init; } = 128 << 10;

    /// <summary>How often a torrent is announced again.</summary>
    public TimeSpan AnnounceInterval { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Shortest time between two searches for the same torrent, when peers are wanted.</summary>
    public TimeSpan SearchInterval { get; init; } = TimeSpan.FromSeconds(30);
}
