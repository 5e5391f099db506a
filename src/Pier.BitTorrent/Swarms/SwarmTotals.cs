namespace Pier.BitTorrent.Swarms;

/// <summary>What all torrents of an engine have done since it was started, those that are gone included.</summary>
/// <param name="Downloaded">Bytes of blocks received, good or bad.</param>
/// <param name="Uploaded">Bytes of blocks sent.</param>
/// <param name="Duplicate">Bytes of blocks that came twice.</param>
/// <param name="Unrequested">Bytes of blocks that came unasked.</param>
/// <param name="Failed">Bytes of blocks that were thrown away because their piece failed its hash.</param>
/// <param name="Dropped">Bytes of blocks that were dropped with pieces that were given up before they were whole.</param>
/// <param name="HashFailures">Pieces whose hash did not agree.</param>
/// <param name="Violations">Connections hung up on because the peer broke the protocol.</param>
/// <param name="Bans">Peers banned.</param>
public readonly record struct SwarmTotals(
    long Downloaded, long Uploaded, long Duplicate, long Unrequested, long Failed, long Dropped, long HashFailures, long Violations, long Bans)
{
    /// <summary>The sum with one swarm's.</summary>
    public SwarmTotals Plus(SwarmStatistics swarm)
    {
        ArgumentNullException.ThrowIfNull(swarm);
        return new SwarmTotals(
            Downloaded + swarm.Downloaded,
            Uploaded + swarm.Uploaded,
            Duplicate + swarm.Duplicate,
            Unrequested + swarm.Unrequested,
            Failed + swarm.Failed,
            Dropped + swarm.Dropped,
            HashFailures + swarm.HashFailures,
            Violations + swarm.Violations,
            Bans + swarm.Bans);
    }
}
