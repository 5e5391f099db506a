using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Peers;

namespace Pier.Daemon.Metrics;

/// <summary>What Prometheus is told of swarms: sums over all torrents, so that ten thousand of them make no more lines than one.</summary>
internal static class SwarmMetrics
{
    /// <summary>Adds them to the page.</summary>
    public static void Write(BitTorrentEngine engine, PrometheusText page)
    {
        var totals = engine.Totals;
        page.Counter("pier_swarm_received_bytes_total", "Bytes of blocks that peers sent since the start, good or bad.", totals.Downloaded);
        foreach (var (kind, bytes) in ((string, long)[])[("duplicate", totals.Duplicate), ("unrequested", totals.Unrequested), ("failed", totals.Failed), ("dropped", totals.Dropped)])
        {
            page.Counter("pier_swarm_wasted_bytes_total", "Bytes of blocks that came in vain.", bytes, ("kind", kind));
        }
        page.Counter("pier_swarm_hash_failures_total", "Pieces whose hash did not agree.", totals.HashFailures);
        page.Counter("pier_swarm_violations_total", "Connections hung up on because the peer broke the protocol.", totals.Violations);
        page.Counter("pier_swarm_bans_total", "Peers banned for what they sent.", totals.Bans);
        var now = engine.Swarms.Select(swarm => swarm.Statistics).ToArray();
        foreach (var source in Enum.GetValues<PeerSource>())
        {
            page.Gauge(
                "pier_swarm_known_peers", "Addresses of peers known, by how they were learned.",
                now.Sum(swarm => swarm.Sources.GetValueOrDefault(source)), ("source", source.ToString().ToLowerInvariant()));
        }
        var peers = now.SelectMany(swarm => swarm.Peers).ToArray();
        page.Gauge("pier_swarm_peers_serving", "Connected peers that answer our requests.", peers.Count(peer => !peer.Choking));
        page.Gauge("pier_swarm_peers_served", "Connected peers whose requests we answer.", peers.Count(peer => !peer.Choked));
        page.Gauge("pier_swarm_peers_encrypted", "Connected peers with whom all that passes is encrypted.", peers.Count(peer => peer.IsEncrypted));
        page.Gauge("pier_swarm_peers_snubbing", "Connected peers that owe us blocks and send none.", peers.Count(peer => peer.Snubbing));
        page.Gauge("pier_swarm_missing_bytes", "Bytes of wanted pieces that are still to come.", now.Sum(swarm => swarm.MissingBytes));
        page.Gauge("pier_swarm_download_rate_bytes", "Bytes per second from peers now.", now.Sum(swarm => swarm.DownloadRate));
        page.Gauge("pier_swarm_upload_rate_bytes", "Bytes per second to peers now.", now.Sum(swarm => swarm.UploadRate));
    }
}
