using Pier.Api.Trackers;
using Pier.BitTorrent.Tracking;
using Pier.Daemon.Metrics;
using Pier.Daemon.Options;

namespace Pier.Daemon.Tracking;

/// <summary>What the tracker says of itself, for people and for Prometheus.</summary>
internal sealed class TrackerReport(DaemonOptions options, Tracker? tracker = null)
{
    private const int Shown = 100;

    /// <summary>In the words of the control contract.</summary>
    public TrackerStatus Create()
    {
        var scope = options.Tracker switch { TrackerScope.Off => "off", TrackerScope.Open => "open", _ => "own" };
        if (tracker is null)
        {
            return new TrackerStatus(scope, Keyed: false, 0, 0, 0, 0, 0, 0, 0, 0, []);
        }
        var statistics = tracker.Statistics;
        return new TrackerStatus(
            scope, options.TrackerKeys.Count > 0, statistics.Swarms, statistics.Seeders, statistics.Leechers,
            statistics.HttpAnnounces, statistics.UdpAnnounces, statistics.Scrapes, statistics.Refusals, statistics.AnnouncesPerSecond,
            [.. tracker.Registry.List()
                .OrderByDescending(swarm => swarm.Value.Seeders + swarm.Value.Leechers)
                .Take(Shown)
                .Select(swarm => new TrackedSwarmStatus(swarm.Key.ToString(), swarm.Value.Seeders, swarm.Value.Leechers, swarm.Value.Completed))]);
    }

    /// <summary>As metrics.</summary>
    public void Write(PrometheusText page)
    {
        if (tracker is null)
        {
            return;
        }
        var statistics = tracker.Statistics;
        page.Gauge("pier_tracker_swarms", "Swarms that the embedded tracker knows.", statistics.Swarms);
        page.Gauge("pier_tracker_peers", "Peers that the embedded tracker knows.", statistics.Seeders, ("kind", "seeder"));
        page.Gauge("pier_tracker_peers", "Peers that the embedded tracker knows.", statistics.Leechers, ("kind", "leecher"));
        page.Counter("pier_tracker_announces_total", "Announces taken since the start.", statistics.HttpAnnounces, ("protocol", "http"));
        page.Counter("pier_tracker_announces_total", "Announces taken since the start.", statistics.UdpAnnounces, ("protocol", "udp"));
        page.Counter("pier_tracker_scrapes_total", "Scrapes taken since the start.", statistics.Scrapes);
        page.Counter("pier_tracker_refusals_total", "Announces and scrapes refused since the start.", statistics.Refusals);
    }
}
