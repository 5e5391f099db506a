namespace Pier.BitTorrent.Trackers;

/// <summary>What a scrape tells of one swarm (BEP 48).</summary>
/// <param name="Seeders">Peers that have everything.</param>
/// <param name="Completed">Downloads finished since the tracker began to count.</param>
/// <param name="Leechers">Peers that miss something.</param>
public readonly record struct SwarmCounts(int Seeders, int Completed, int Leechers);
