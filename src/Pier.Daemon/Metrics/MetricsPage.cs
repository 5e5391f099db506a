using Pier.Api.Nodes;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Swarms;
using Pier.Daemon.Tracking;
using Pier.Store.Borrowed;
using Pier.Store.Eviction;

namespace Pier.Daemon.Metrics;

/// <summary>What Prometheus is told of this node.</summary>
internal static class MetricsPage
{
    /// <summary>The page.</summary>
    public static string Write(NodeStatus status, TrackerReport tracker, BitTorrentEngine engine, Evictor evictor, BorrowedBlobs borrowed, MeterReader meters)
    {
        var page = new PrometheusText();
        page.Gauge("pier_info", "1, labelled with the version.", 1, ("version", status.Version), ("node", status.NodeId));
        page.Gauge("pier_start_time_seconds", "When the daemon started, in Unix time.", status.StartedAt.ToUnixTimeMilliseconds() / 1000.0);
        page.Gauge("pier_store_blobs", "Sealed blobs.", status.Storage.Blobs);
        page.Gauge("pier_store_bytes", "Bytes of sealed blobs.", status.Storage.Bytes);
        page.Gauge("pier_state_free_bytes", "Free bytes on the state folder's file system.", status.Storage.FreeBytes);
        page.Gauge("pier_store_borrowed_bytes", "Bytes of blobs that are read from containerd's content store.", borrowed.Total.Bytes);
        var (evictedBlobs, evictedBytes) = evictor.Evicted;
        page.Counter("pier_store_evicted_blobs_total", "Blobs evicted and pruned since the start.", evictedBlobs);
        page.Counter("pier_store_evicted_bytes_total", "Their bytes.", evictedBytes);
        var received = status.Transfers.Received;
        foreach (var (source, bytes) in ((string, long)[])
            [("cache", received.Cache), ("swarm", received.Swarm), ("members", received.Members), ("ipfs", received.Ipfs), ("upstream", received.Upstream)])
        {
            page.Counter("pier_received_bytes_total", "Bytes of content by source since the start.", bytes, ("source", source));
        }
        page.Counter("pier_swarm_sent_bytes_total", "Bytes given to swarms since the start.", engine.Totals.Uploaded);
        SwarmMetrics.Write(engine, page);
        foreach (var state in status.Swarms.GroupBy(swarm => swarm.State, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            page.Gauge("pier_swarms", "Torrents by state.", state.Count(), ("state", state.Key));
        }
        page.Gauge("pier_swarm_peers", "Connected BitTorrent peers.", status.Swarms.Sum(swarm => swarm.Peers));
        page.Gauge("pier_fetches", "Blobs that are arriving now.", status.Fetches.Count(fetch => fetch.State == "fetching"));
        page.Gauge("pier_members", "Members of the cluster.", status.Members.Count(member => member.Alive), ("alive", "true"));
        page.Gauge("pier_members", "Members of the cluster.", status.Members.Count(member => !member.Alive), ("alive", "false"));
        if (status.Dht is { } dht)
        {
            page.Gauge("pier_dht_nodes", "Nodes of the DHT that this one knows.", dht.Nodes);
            page.Gauge("pier_dht_announced", "Names of torrents announced in the DHT.", dht.Announced);
            page.Gauge("pier_dht_kept_peers", "Peers of others' torrents kept for the DHT.", dht.KeptPeers);
            page.Counter("pier_dht_queries_total", "Queries of the DHT.", dht.Asked, ("kind", "asked"));
            page.Counter("pier_dht_queries_total", "Queries of the DHT.", dht.Answered, ("kind", "answered"));
            page.Counter("pier_dht_dropped_total", "Datagrams of the DHT passed over.", dht.Dropped);
        }
        tracker.Write(page);
        meters.Write(page);
        return page.ToString();
    }
}
