using System.Net;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Tracking;

/// <summary>Our tracker behind both its front ends: keys, the host's word, the registry, and counting. Thread-safe.</summary>
/// <param name="registry">Who is in which swarm.</param>
/// <param name="host">Which torrents it is for.</param>
/// <param name="keys">Who may use it.</param>
/// <param name="time">The clock.</param>
public sealed class Tracker(SwarmRegistry registry, ITrackerHost host, AnnounceKeys keys, TimeProvider time)
{
    // Over less than this a rate would be noise.
    private static readonly TimeSpan ShortestSample = TimeSpan.FromSeconds(1);

    private readonly Lock _sampling = new();
    private long _httpAnnounces;
    private long _udpAnnounces;
    private long _scrapes;
    private long _refusals;
    private long _sampledAt = time.GetTimestamp();
    private long _sampledAnnounces;
    private double _rate;

    /// <summary>Its state.</summary>
    public SwarmRegistry Registry => registry;

    /// <summary>What it has done, and what it knows.</summary>
    public TrackerStatistics Statistics
    {
        get
        {
            var swarms = registry.List();
            var (http, udp) = (Interlocked.Read(ref _httpAnnounces), Interlocked.Read(ref _udpAnnounces));
            return new TrackerStatistics(
                swarms.Count,
                swarms.Sum(swarm => (long)swarm.Value.Seeders),
                swarms.Sum(swarm => (long)swarm.Value.Leechers),
                http,
                udp,
                Interlocked.Read(ref _scrapes),
                Interlocked.Read(ref _refusals),
                Rate(http + udp));
        }
    }

    /// <summary>Whether a URL's path opens this tracker; counts a refusal when it does not.</summary>
    internal bool Admit(ReadOnlySpan<byte> path)
    {
        if (keys.Admit(path))
        {
            return true;
        }

        Interlocked.Increment(ref _refusals);
        return false;
    }

    /// <summary>Takes an announce whose URL was admitted.</summary>
    internal RegistryAnswer Announce(in TrackedAnnounce announce, Span<TrackedPeer> peers, bool overUdp)
    {
        Interlocked.Increment(ref overUdp ? ref _udpAnnounces : ref _httpAnnounces);
        var answer = RegistryAnswer.No(TrackerRefusal.UnknownTorrent);
        if (host.Serves(announce.InfoHash, announce.EndPoint.Address))
        {
            host.Join(announce.InfoHash, announce.EndPoint.Address);
            answer = registry.Announce(announce, peers);
        }

        if (answer.Refusal is not null)
        {
            Interlocked.Increment(ref _refusals);
        }
        else if (announce.Event != AnnounceEvent.Stopped)
        {
            host.Announced(announce);
        }

        return answer;
    }

    /// <summary>Counts a scrape, which may name several swarms.</summary>
    internal void Scraped() => Interlocked.Increment(ref _scrapes);

    /// <summary>The counts of one swarm of a scrape whose URL was admitted; false when it is not tracked here.</summary>
    internal bool TryCount(InfoHash infoHash, IPAddress remote, out SwarmCounts counts)
    {
        counts = default;
        if (!host.Serves(infoHash, remote))
        {
            return false;
        }

        host.Join(infoHash, remote);
        return registry.TryCount(infoHash, out counts);
    }

    private double Rate(long announces)
    {
        lock (_sampling)
        {
            var elapsed = time.GetElapsedTime(_sampledAt);
            if (elapsed >= ShortestSample)
            {
                _rate = (announces - _sampledAnnounces) / elapsed.TotalSeconds;
                _sampledAt = time.GetTimestamp();
                _sampledAnnounces = announces;
            }

            return _rate;
        }
    }
}
