using System.Net;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Tracking;

/// <summary>Who runs a tracker: says which torrents it is for. Called for each announce, from any thread; must be quick.</summary>
public interface ITrackerHost
{
    /// <summary>Whether this address may announce to and hear of this swarm here.</summary>
    bool Serves(InfoHash infoHash, IPAddress remote);

    /// <summary>A peer is about to be answered: the moment for the host to be in the swarm itself.</summary>
    void Join(InfoHash infoHash, IPAddress remote);

    /// <summary>A peer announced where it listens.</summary>
    void Announced(in TrackedAnnounce announce);
}
