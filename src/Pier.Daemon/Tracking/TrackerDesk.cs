using System.Net;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.BitTorrent.Tracking;
using Pier.Daemon.Nodes;

namespace Pier.Daemon.Tracking;

/// <summary>
/// The embedded tracker: knows the torrents of this node and no others, so that it cannot be used for strangers' swarms.
/// This node is a peer of each, and hears of those who come. What it has is looked up when somebody asks.
/// </summary>
internal sealed class TrackerDesk(SwarmRegistry registry, BitTorrentEngine engine, OwnAddress own, TimeProvider clock)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    /// <summary>As many as a client usually asks for (BEP 3).</summary>
    private const int PeersWanted = 50;

    private readonly HttpTrackerServer _server = new(registry);
    private readonly Lock _gate = new();
    private HashSet<InfoHash> _known = [];
    private long? _lookedAt;

    /// <summary>The body that answers an announce (BEP 3, 23).</summary>
    public async Task<byte[]> AnnounceAsync(string rawQuery, IPAddress remote, CancellationToken cancellationToken)
    {
        LookUp();
        var body = _server.Announce(rawQuery, remote);
        foreach (var swarm in engine.Swarms.Where(swarm => swarm.Statistics.State is SwarmState.Downloading or SwarmState.FetchingMetadata))
        {
            var peers = Join(swarm).SelectMany(answer => answer.Peers).Select(peer => peer.EndPoint).ToArray();
            if (peers.Length > 0)
            {
                await swarm.AddPeersAsync(peers, cancellationToken);
            }
        }
        return body;
    }

    /// <summary>The body that answers a scrape (BEP 48).</summary>
    public byte[] Scrape(string rawQuery)
    {
        LookUp();
        return _server.Scrape(rawQuery);
    }

    private void LookUp()
    {
        lock (_gate)
        {
            if (_lookedAt is { } then && clock.GetElapsedTime(then) < Freshness)
            {
                return;
            }
            _lookedAt = clock.GetTimestamp();
            var swarms = engine.Swarms;
            var now = swarms.SelectMany(Names).ToHashSet();
            foreach (var gone in _known.Except(now))
            {
                registry.Unregister(gone);
            }
            foreach (var added in now.Except(_known))
            {
                registry.Register(added);
            }
            _known = now;
            foreach (var swarm in swarms)
            {
                Join(swarm);
            }
        }
    }

    /// <summary>The info-hashes under which clients ask for a swarm: a hybrid's v1 twin is one swarm with it.</summary>
    private static IEnumerable<InfoHash> Names(Swarm swarm) => swarm.Id.WireHashes.Concat(swarm.Spec.Twin?.Id.WireHashes ?? []);

    /// <summary>Says that this node is in the swarm, and hears who else is.</summary>
    private RegistryAnswer[] Join(Swarm swarm)
    {
        var left = swarm.Statistics.State == SwarmState.Seeding ? 0 : 1;
        return [.. Names(swarm).Select(hash => registry.Announce(new TrackedAnnounce(
            hash, engine.PeerId, own.ForPeers(), left, AnnounceEvent.None, PeersWanted)))];
    }
}
