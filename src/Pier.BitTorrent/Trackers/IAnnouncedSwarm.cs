using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Trackers;

/// <summary>What a <see cref="TrackerAnnouncer"/> needs of the swarm it speaks for.</summary>
public interface IAnnouncedSwarm
{
    /// <summary>The swarm's numbers right now. Called from the announcer's loop.</summary>
    AnnounceStats Stats { get; }

    /// <summary>Takes what a tracker answered.</summary>
    /// <param name="infoHash">The name under which we announced.</param>
    /// <param name="answer">Peers and counts; our own address may be among the peers.</param>
    /// <param name="cancellationToken">Ends the wait when the swarm is busy.</param>
    ValueTask TrackerAnsweredAsync(InfoHash infoHash, AnnounceAnswer answer, CancellationToken cancellationToken);
}
