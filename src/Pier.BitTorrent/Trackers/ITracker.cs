using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Trackers;

/// <summary>One tracker, by whatever protocol it is reached.</summary>
public interface ITracker
{
    /// <summary>Scheme, host and port, for people; never the rest of the address.</summary>
    string Name { get; }

    /// <summary>Announces us to one swarm and hears of others.</summary>
    /// <exception cref="TrackerException">Refused, unreachable, or an answer that makes no sense.</exception>
    Task<AnnounceAnswer> AnnounceAsync(AnnounceRequest request, CancellationToken cancellationToken);

    /// <summary>Asks for the counts of swarms; those that the tracker does not know are absent from the answer.</summary>
    /// <exception cref="TrackerException">Refused, unreachable, not offered, or an answer that makes no sense.</exception>
    Task<IReadOnlyDictionary<InfoHash, SwarmCounts>> ScrapeAsync(IReadOnlyList<InfoHash> infoHashes, CancellationToken cancellationToken);
}
