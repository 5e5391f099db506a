using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Tracking;

/// <summary>
/// A part of the registry with a lock of its own. Old peers are found by a queue in which each stands once, and a bounded number
/// of them is looked at by each call: no call ever walks over everything.
/// </summary>
internal sealed class RegistryShard(SwarmRegistryOptions options, int shards, TimeProvider time, Random random)
{
    private const int SweptPerCall = 32;

    // How often each peer is looked at during its lifetime: it is forgotten late by at most one such part.
    private const int LooksPerLifetime = 8;

    private readonly int _maxSwarms = Math.Max(1, options.MaxSwarms / shards);
    private readonly int _maxPeers = Math.Max(1, options.MaxPeers / shards);
    private readonly long _lifetime = Ticks(options.PeerLifetime, time);
    private readonly Lock _gate = new();
    private readonly Dictionary<InfoHash, TrackedSwarm> _swarms = [];
    private readonly Queue<Look> _looks = new();
    private int _peers;

    /// <summary>Takes an announce.</summary>
    /// <param name="announce">What was announced.</param>
    /// <param name="address">The peer's address as others are told it.</param>
    /// <param name="isMember">Whether it is a member's.</param>
    /// <param name="peers">Room for others in the swarm.</param>
    public RegistryAnswer Announce(in TrackedAnnounce announce, PeerAddress address, bool isMember, Span<TrackedPeer> peers)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            Sweep(now, SweptPerCall);
            if (announce.Event == AnnounceEvent.Stopped)
            {
                Remove(announce.InfoHash, address);
                return new RegistryAnswer(Refusal: null, CountsOf(announce.InfoHash), 0);
            }

            if (!_swarms.TryGetValue(announce.InfoHash, out var swarm))
            {
                if (_swarms.Count >= _maxSwarms)
                {
                    return RegistryAnswer.No(TrackerRefusal.Full);
                }

                _swarms[announce.InfoHash] = swarm = new TrackedSwarm();
            }

            Put(swarm, announce, new PoolMember(new TrackedPeer(address, announce.PeerId), isMember, now));

            // Clients that have only a magnet link yet, like aria2, say that they miss nothing: whoever starts hears of seeds too.
            var isSeed = announce.Left == 0 && announce.Event != AnnounceEvent.Started;
            var count = swarm.Pick(new PeerAsking(address, isMember, announce.SameFamilyOnly), isSeed, peers, random);
            return new RegistryAnswer(Refusal: null, swarm.Counts, count);
        }
    }

    /// <summary>The counts of a swarm; false when nobody is in it.</summary>
    public bool TryCount(InfoHash infoHash, out SwarmCounts counts)
    {
        lock (_gate)
        {
            Sweep(time.GetTimestamp(), SweptPerCall);
            counts = CountsOf(infoHash);
            return _swarms.ContainsKey(infoHash);
        }
    }

    /// <summary>Forgets old peers, at most so many looked at.</summary>
    public void Sweep(int most)
    {
        lock (_gate)
        {
            Sweep(time.GetTimestamp(), most);
        }
    }

    /// <summary>Adds each swarm's counts.</summary>
    public void List(List<KeyValuePair<InfoHash, SwarmCounts>> swarms)
    {
        lock (_gate)
        {
            foreach (var (infoHash, swarm) in _swarms)
            {
                swarms.Add(new(infoHash, swarm.Counts));
            }
        }
    }

    private static long Ticks(TimeSpan span, TimeProvider time) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private SwarmCounts CountsOf(InfoHash infoHash) => _swarms.TryGetValue(infoHash, out var swarm) ? swarm.Counts : default;

    private void Put(TrackedSwarm swarm, in TrackedAnnounce announce, PoolMember member)
    {
        if (!swarm.Contains(member.Peer.Address))
        {
            if (swarm.Size >= options.MaxPeersPerSwarm || _peers >= _maxPeers)
            {
                return;
            }

            _peers++;
            _looks.Enqueue(new Look(announce.InfoHash, member.Peer.Address, member.SeenAt + _lifetime / LooksPerLifetime));
        }

        swarm.Put(member, isSeed: announce.Left == 0, completed: announce.Event == AnnounceEvent.Completed);
    }

    private void Remove(InfoHash infoHash, PeerAddress address)
    {
        if (_swarms.TryGetValue(infoHash, out var swarm) && swarm.Remove(address))
        {
            _peers--;
            if (swarm.Size == 0)
            {
                _swarms.Remove(infoHash);
            }
        }
    }

    private void Sweep(long now, int most)
    {
        while (most-- > 0 && _looks.TryPeek(out var look) && look.Due <= now)
        {
            _looks.Dequeue();
            if (!_swarms.TryGetValue(look.InfoHash, out var swarm) || !swarm.TryFind(look.Address, out var member))
            {
                continue;
            }

            if (now - member.SeenAt > _lifetime)
            {
                Remove(look.InfoHash, look.Address);
            }
            else
            {
                _looks.Enqueue(look with { Due = now + _lifetime / LooksPerLifetime });
            }
        }
    }

    private readonly record struct Look(InfoHash InfoHash, PeerAddress Address, long Due);
}
