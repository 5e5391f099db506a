using System.Net;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.BitTorrent.Tracking;
using Pier.Daemon.Nodes;
using Pier.Daemon.Options;

namespace Pier.Daemon.Tracking;

/// <summary>
/// The embedded tracker's word on torrents: those of this node, so that it cannot be used for strangers' swarms, or any when it
/// is told to be open. This node is a peer of each it has, and hears of those who come. What it has is looked up when somebody asks.
/// </summary>
internal sealed class TrackerDesk(SwarmRegistry registry, BitTorrentEngine engine, OwnAddress own, DaemonOptions options) : ITrackerHost
{
    /// <summary>As many as a client usually asks for (BEP 3).</summary>
    private const int PeersWanted = 50;

    /// <inheritdoc/>
    public bool Serves(InfoHash infoHash, IPAddress remote) => engine.Find(infoHash) is { } swarm
        ? swarm.Spec.Admit?.Invoke(remote) != false
        : options.Tracker == TrackerScope.Open || engine.FindResting(infoHash) is not null;

    /// <inheritdoc/>
    public void Join(InfoHash infoHash, IPAddress remote)
    {
        if (engine.Find(infoHash) is { } swarm)
        {
            Announce(infoHash, swarm, own.Toward(remote), Wants(swarm) ? PeersWanted : 0);
        }
        else if (engine.FindResting(infoHash) is not null)
        {
            registry.Announce(new TrackedAnnounce(infoHash, engine.PeerId, own.Toward(remote), 0, AnnounceEvent.None, 0), []);
        }
    }

    /// <inheritdoc/>
    public void Announced(in TrackedAnnounce announce)
    {
        if (engine.Find(announce.InfoHash) is { } swarm && Wants(swarm))
        {
            swarm.TryAddPeers([announce.EndPoint]);
        }
        else if (announce.Left > 0)
        {
            // Who waits for a torrent that rests here may have to be called.
            engine.Wake(announce.InfoHash);
        }
    }

    /// <summary>
    /// Asks on behalf of this node: for a download peers may have announced before the torrent came here, and who waits for a
    /// seed may have to be called. Transmission, for one, never connects to a loopback address.
    /// </summary>
    public void FindPeers()
    {
        foreach (var swarm in engine.Swarms.Where(swarm => Wants(swarm) || swarm.Statistics.State == SwarmState.Seeding))
        {
            foreach (var name in swarm.Id.WireHashes.Concat(swarm.Spec.Twin?.Id.WireHashes ?? []))
            {
                if (registry.TryCount(name, out _))
                {
                    Announce(name, swarm, own.ForPeers(), PeersWanted);
                }
            }
        }
    }

    private static bool Wants(Swarm swarm) => swarm.Statistics.State is SwarmState.Downloading or SwarmState.FetchingMetadata;

    private void Announce(InfoHash infoHash, Swarm swarm, IPEndPoint at, int wanted)
    {
        var left = swarm.Statistics.State == SwarmState.Seeding ? 0 : 1;
        var peers = wanted > 0 ? new TrackedPeer[wanted] : [];
        var answer = registry.Announce(new TrackedAnnounce(infoHash, engine.PeerId, at, left, AnnounceEvent.None, peers.Length), peers);
        if (answer.PeerCount > 0)
        {
            swarm.TryAddPeers([.. peers.Take(answer.PeerCount).Select(peer => peer.EndPoint)]);
        }
    }
}
