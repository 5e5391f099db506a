using System.Net;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Tracking;

/// <summary>
/// The state of our tracker: which swarms there are and who is in them. No I/O: HTTP and UDP front ends call it from any
/// thread, and time passes by the clock it is given.
/// </summary>
public sealed class SwarmRegistry(SwarmRegistryOptions options, TimeProvider time, Random random)
{
    private readonly Dictionary<InfoHash, TrackedSwarm> _swarms = [];
    private readonly Lock _lock = new();
    private DateTimeOffset _swept = time.GetUtcNow();

    /// <summary>How it behaves.</summary>
    public SwarmRegistryOptions Options => options;

    /// <summary>Swarms in memory, empty ones included.</summary>
    public int SwarmCount
    {
        get
        {
            lock (_lock)
            {
                return _swarms.Count;
            }
        }
    }

    /// <summary>Begins to track a swarm, and keeps it while nobody is in it.</summary>
    public void Register(InfoHash infoHash)
    {
        lock (_lock)
        {
            if (_swarms.TryGetValue(infoHash, out var swarm))
            {
                swarm.IsKnown = true;
            }
            else
            {
                _swarms[infoHash] = new TrackedSwarm(isKnown: true);
            }
        }
    }

    /// <summary>Stops tracking a swarm and forgets its peers.</summary>
    public void Unregister(InfoHash infoHash)
    {
        lock (_lock)
        {
            _swarms.Remove(infoHash);
        }
    }

    /// <summary>Takes an announce and answers it.</summary>
    public RegistryAnswer Announce(TrackedAnnounce announce)
    {
        ArgumentNullException.ThrowIfNull(announce);
        if (!TrackerBounds.IsReachable(announce.EndPoint.Address, announce.EndPoint.Port))
        {
            return Refuse("nobody could connect to your address and port");
        }

        announce = announce with { EndPoint = SeenAs(announce.EndPoint) };
        lock (_lock)
        {
            var now = time.GetUtcNow();
            Sweep(now);
            return Find(announce.InfoHash) is { } swarm
                ? Announce(swarm, announce, now)
                : Refuse(options.KnownOnly ? "this tracker does not know that torrent" : "this tracker is full");
        }
    }

    /// <summary>The counts of those of these swarms that are tracked.</summary>
    public IReadOnlyDictionary<InfoHash, SwarmCounts> Scrape(IEnumerable<InfoHash> infoHashes)
    {
        ArgumentNullException.ThrowIfNull(infoHashes);
        var counts = new Dictionary<InfoHash, SwarmCounts>();
        lock (_lock)
        {
            Sweep(time.GetUtcNow());
            foreach (var infoHash in infoHashes.Take(options.MaxScrape))
            {
                if (_swarms.TryGetValue(infoHash, out var swarm))
                {
                    counts[infoHash] = swarm.Counts;
                }
            }
        }

        return counts;
    }

    private RegistryAnswer Announce(TrackedSwarm swarm, TrackedAnnounce announce, DateTimeOffset now)
    {
        if (announce.Event == AnnounceEvent.Stopped)
        {
            swarm.Remove(announce.EndPoint);
            return Answer(swarm, []);
        }

        swarm.Refresh(announce, now, options.MaxPeersPerSwarm);
        var wanted = announce.PeersWanted is { } said and >= 0 ? said : options.UsualPeersPerAnswer;
        var count = Math.Min(wanted, options.MaxPeersPerAnswer);
        // Clients that have only a magnet link yet, like aria2, say that they miss nothing: whoever starts hears of seeds too.
        var isSeeder = announce.Left == 0 && announce.Event != AnnounceEvent.Started;
        return Answer(swarm, swarm.Pick(announce.EndPoint, isSeeder, count, random));
    }

    private RegistryAnswer Answer(TrackedSwarm swarm, IReadOnlyList<TrackedPeer> peers) =>
        new(Refusal: null, options.Interval, options.MinInterval, swarm.Counts, peers);

    private RegistryAnswer Refuse(string reason) => new(reason, options.Interval, options.MinInterval, default, []);

    private TrackedSwarm? Find(InfoHash infoHash)
    {
        if (_swarms.TryGetValue(infoHash, out var swarm))
        {
            return swarm;
        }

        if (options.KnownOnly || _swarms.Count >= options.MaxSwarms)
        {
            return null;
        }

        return _swarms[infoHash] = new TrackedSwarm(isKnown: false);
    }

    private IPEndPoint SeenAs(IPEndPoint endPoint)
    {
        var address = endPoint.Address.IsIPv4MappedToIPv6 ? endPoint.Address.MapToIPv4() : endPoint.Address;
        if (options.LoopbackSeenAs is { } outside && IPAddress.IsLoopback(address))
        {
            address = outside;
        }

        return new IPEndPoint(address, endPoint.Port);
    }

    // Once in a while instead of by a timer: an idle tracker has nothing to forget that anyone could ask for.
    private void Sweep(DateTimeOffset now)
    {
        if (now - _swept < options.MinInterval)
        {
            return;
        }

        _swept = now;
        foreach (var (infoHash, swarm) in _swarms)
        {
            swarm.Expire(now - options.PeerLifetime);
            if (swarm.IsEmpty && !swarm.IsKnown)
            {
                _swarms.Remove(infoHash);
            }
        }
    }
}
