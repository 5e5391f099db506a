using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Tracking;

/// <summary>The peers of one swarm, seeds apart from the others. Not thread-safe: the shard holds its lock.</summary>
internal sealed class TrackedSwarm
{
    private const int MostDrawn = 16;

    private readonly PeerPool _seeds = new();
    private readonly PeerPool _others = new();
    private HostShares? _shares;
    private int _completed;

    public int Size => _seeds.Count + _others.Count;

    public SwarmCounts Counts => new(_seeds.Count, _completed, _others.Count);

    public bool TryFind(PeerAddress address, out PoolMember member) =>
        _others.TryFind(address, out member) || _seeds.TryFind(address, out member);

    /// <summary>Whether a peer's host has as many places already; they are counted once the swarm is large enough for that.</summary>
    public bool IsCrowdedBy(PeerAddress address, int most)
    {
        if (_shares is null && Size >= most)
        {
            _shares = new HostShares();
            foreach (var member in _seeds.Members.Concat(_others.Members))
            {
                _shares.Take(member.Peer.Address);
            }
        }

        return _shares?.Of(address) >= most;
    }

    /// <summary>Notes a peer as present.</summary>
    /// <param name="member">The peer.</param>
    /// <param name="isSeed">Whether it misses nothing.</param>
    /// <param name="completed">Whether it says that it has just finished.</param>
    public void Put(PoolMember member, bool isSeed, bool completed)
    {
        var (pool, other) = isSeed ? (_seeds, _others) : (_others, _seeds);

        var size = Size;
        var moved = other.Remove(member.Peer.Address);
        pool.Put(member);
        if (Size > size)
        {
            _shares?.Take(member.Peer.Address);
        }

        // Only who lacked something can finish: else a repeated event would count twice.
        _completed += moved && isSeed && completed ? 1 : 0;
    }

    public bool Remove(PeerAddress address)
    {
        var isGone = _seeds.Remove(address) || _others.Remove(address);
        if (isGone)
        {
            _shares?.Leave(address);
        }

        return isGone;
    }

    /// <summary>Some peer of those that may be; null when a few drawn by chance may not.</summary>
    public PeerAddress? AnyOne(Random random, Func<PoolMember, bool> mayBe)
    {
        for (var draw = 0; draw < MostDrawn; draw++)
        {
            var place = random.Next(Size);
            var drawn = place < _seeds.Count ? _seeds.Members[place] : _others.Members[place - _seeds.Count];
            if (mayBe(drawn))
            {
                return drawn.Peer.Address;
            }
        }

        return null;
    }

    /// <summary>Picks others for a peer: a seed hears of those that lack something, whoever lacks something of both, half and half.</summary>
    /// <returns>How many.</returns>
    public int Pick(in PeerAsking asking, bool isSeed, Span<TrackedPeer> picked, Random random)
    {
        var seeds = isSeed ? 0 : Math.Min(_seeds.Count, Math.Max((picked.Length + 1) / 2, picked.Length - _others.Count));
        var count = _seeds.Pick(asking, picked[..seeds], random);
        return count + _others.Pick(asking, picked[count..], random);
    }
}
