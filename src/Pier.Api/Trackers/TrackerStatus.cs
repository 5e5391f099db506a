namespace Pier.Api.Trackers;

/// <summary>What the embedded tracker does and knows.</summary>
/// <param name="Scope"><c>off</c>, <c>own</c> or <c>open</c>: which torrents it is for.</param>
/// <param name="Keyed">Whether an announce URL needs a key.</param>
/// <param name="Swarms">Swarms with somebody in them.</param>
/// <param name="Seeders">Peers that miss nothing, over all swarms.</param>
/// <param name="Leechers">The other peers.</param>
/// <param name="HttpAnnounces">Announces over HTTP since the start.</param>
/// <param name="UdpAnnounces">Announces over UDP since the start.</param>
/// <param name="Scrapes">Scrapes since the start.</param>
/// <param name="Refusals">Announces and scrapes that were refused since the start.</param>
/// <param name="AnnouncesPerSecond">Announces a second, over the time since this was last asked.</param>
/// <param name="Largest">The largest swarms, at most 100.</param>
public sealed record TrackerStatus(
    string Scope,
    bool Keyed,
    int Swarms,
    long Seeders,
    long Leechers,
    long HttpAnnounces,
    long UdpAnnounces,
    long Scrapes,
    long Refusals,
    double AnnouncesPerSecond,
    IReadOnlyList<TrackedSwarmStatus> Largest);

/// <summary>One swarm as the embedded tracker sees it.</summary>
/// <param name="InfoHash">40 hex digits.</param>
/// <param name="Seeders">Peers that miss nothing.</param>
/// <param name="Leechers">The other peers.</param>
/// <param name="Completed">Downloads that ended here.</param>
public sealed record TrackedSwarmStatus(string InfoHash, int Seeders, int Leechers, int Completed);
