namespace Pier.BitTorrent.Tracking;

/// <summary>What a tracker has done since its start, and what it knows now.</summary>
/// <param name="Swarms">Swarms with somebody in them.</param>
/// <param name="Seeders">Peers that miss nothing, over all swarms.</param>
/// <param name="Leechers">The other peers.</param>
/// <param name="HttpAnnounces">Announces over HTTP.</param>
/// <param name="UdpAnnounces">Announces over UDP.</param>
/// <param name="Scrapes">Scrapes over either.</param>
/// <param name="Refusals">Announces and scrapes that were refused, those of the counts before included.</param>
/// <param name="AnnouncesPerSecond">Announces a second, over the time since the statistics were last read.</param>
public sealed record TrackerStatistics(
    int Swarms,
    long Seeders,
    long Leechers,
    long HttpAnnounces,
    long UdpAnnounces,
    long Scrapes,
    long Refusals,
    double AnnouncesPerSecond);
