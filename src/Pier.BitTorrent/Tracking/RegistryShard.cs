using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Tracking;

/// <summary>
/// A part of the registry with a lock of its own. Old peers are found by a queue in which each stands once, and a bounded number
/// of them is looked at by each call: no call walks over everything, but for one in so many that clears out what stands there in vain.
/// One stranger takes a part of the places at most; members of the cluster and this host are none.
/// </summary>
internal sealed class RegistryShard(SwarmRegistryOptions options, int shards, TimeProvider time, Random random)
{
    private const int SweptPerCall = 32;

    // How often each peer is looked at during its lifetime: it is forgotten late by at most one such part.
    private const int LooksPerLifetime = 8;

    // Looks at peers who have left, beyond as many as there are peers.
    private const int MostVainLooks = 1024;

    // One host's parts: of the places of all swarms together, of those of one swarm, and how full of swarms it may make us.
    private const int HostPart = 8;
    private const int HostPartOfSwarm = 4;
    private const int HostPartOfSwarms = 2;

    private readonly int _maxSwarms = Math.Max(1, options.MaxSwarms / shards);
    private readonly int _maxPeers = Math.Max(1, options.MaxPeers / shards);
    private readonly long _lifetime = Ticks(options.PeerLifetime, time);
    private readonly Lock _gate = new();
    private readonly Dictionary<InfoHash, TrackedSwarm> _swarms = [];
    private readonly HostShares _shares = new();
    private Queue<Look> _looks = new();
    private long _lastLook;
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

            var isNew = !_swarms.TryGetValue(announce.InfoHash, out var swarm);
            if (isNew && !HasRoomForSwarm(address, isMember))
            {
                return RegistryAnswer.No(TrackerRefusal.Full);
            }

            swarm ??= new TrackedSwarm();
            if (Put(swarm, announce, new PoolMember(new TrackedPeer(address, announce.PeerId), isMember, now)))
            {
                _swarms[announce.InfoHash] = swarm;
            }

            DropVainLooks();

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

    /// <summary>Looks that wait, also those at peers who have left.</summary>
    internal int LooksWaiting
    {
        get
        {
            lock (_gate)
            {
                return _looks.Count;
            }
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

    private static bool IsStranger(PeerAddress address, bool isMember) => !isMember && !address.IsLoopback;

    private bool HasRoomForSwarm(PeerAddress address, bool isMember)
    {
        var part = Math.Max(1, _maxSwarms / HostPartOfSwarms);
        return _swarms.Count < _maxSwarms
            && !(_swarms.Count >= part && IsStranger(address, isMember) && _shares.Of(address) >= part);
    }

    private bool HasRoom(TrackedSwarm swarm, in TrackedAnnounce announce, PeerAddress address, bool isMember)
    {
        var isStranger = IsStranger(address, isMember);
        if (isStranger
            && (_shares.Of(address) >= Math.Max(1, _maxPeers / HostPart)
                || swarm.IsCrowdedBy(address, Math.Max(1, options.MaxPeersPerSwarm / HostPartOfSwarm))))
        {
            return false;
        }

        // A newcomer takes another's place: were the first to come alone remembered, nobody would ever be told of all the rest of a crowd.
        if (swarm.Size > 0 && (swarm.Size >= options.MaxPeersPerSwarm || _peers >= _maxPeers) && swarm.AnyOne(random, IsReplaceable) is { } other)
        {
            Remove(announce.InfoHash, other);
        }

        return swarm.Size < options.MaxPeersPerSwarm && _peers < _maxPeers;

        bool IsReplaceable(PoolMember known) => !isStranger || IsStranger(known.Peer.Address, known.IsMember);
    }

    private bool Put(TrackedSwarm swarm, in TrackedAnnounce announce, PoolMember member)
    {
        var address = member.Peer.Address;
        if (swarm.TryFind(address, out var known))
        {
            member = member with { Look = known.Look };
        }
        else if (HasRoom(swarm, announce, address, member.IsMember))
        {
            member = member with { Look = ++_lastLook };
            _peers++;
            _shares.Take(address);
            _looks.Enqueue(new Look(announce.InfoHash, address, member.Look, member.SeenAt + _lifetime / LooksPerLifetime));
        }
        else
        {
            return false;
        }

        swarm.Put(member, isSeed: announce.Left == 0, completed: announce.Event == AnnounceEvent.Completed);
        return true;
    }

    private void DropVainLooks()
    {
        if (_looks.Count > 2 * _peers + MostVainLooks)
        {
            _looks = new Queue<Look>(_looks.Where(look => TryFind(look, out _)));
        }
    }

    private bool TryFind(in Look look, out PoolMember member)
    {
        member = default;
        return _swarms.TryGetValue(look.InfoHash, out var swarm) && swarm.TryFind(look.Address, out member) && member.Look == look.Number;
    }

    private void Remove(InfoHash infoHash, PeerAddress address)
    {
        if (_swarms.TryGetValue(infoHash, out var swarm) && swarm.Remove(address))
        {
            _peers--;
            _shares.Leave(address);
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
            if (!TryFind(look, out var member))
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

    private readonly record struct Look(InfoHash InfoHash, PeerAddress Address, long Number, long Due);
}
