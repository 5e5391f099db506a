namespace Pier.BitTorrent.Tracking;

/// <summary>The seeds or the others of one swarm, kept so that some can be picked without walking over all. Not thread-safe: the shard holds its lock.</summary>
internal sealed class PeerPool
{
    // Beyond this many a pick is a random part of the pool: what an announce costs stays bounded.
    private const int MaxLooked = 512;
    private const int MaxNewLooked = 128;

    private readonly List<PoolMember> _members = [];
    private readonly Dictionary<PeerAddress, int> _places = [];

    public int Count => _members.Count;

    public IReadOnlyList<PoolMember> Members => _members;

    public bool TryFind(PeerAddress address, out PoolMember member)
    {
        var isHere = _places.TryGetValue(address, out var place);
        member = isHere ? _members[place] : default;
        return isHere;
    }

    /// <summary>Takes a peer in, or notes what is new of it.</summary>
    public void Put(PoolMember member)
    {
        if (_places.TryGetValue(member.Peer.Address, out var place))
        {
            _members[place] = member;
        }
        else
        {
            _places[member.Peer.Address] = _members.Count;
            _members.Add(member);
        }
    }

    public bool Remove(PeerAddress address)
    {
        if (!_places.Remove(address, out var place))
        {
            return false;
        }

        var last = _members.Count - 1;
        if (place != last)
        {
            _members[place] = _members[last];
            _places[_members[place].Peer.Address] = place;
        }

        _members.RemoveAt(last);
        return true;
    }

    /// <summary>
    /// Picks peers: near ones for three quarters of the room, so that bytes stay in the house; others for the rest, so that the swarm
    /// stays one; then again near ones. Half of each are those that came last, and half start at a random place. In a crowd who came
    /// early was named to everybody after it and has no place free for the last, who would find nobody.
    /// </summary>
    /// <returns>How many.</returns>
    public int Pick(in PeerAsking asking, Span<TrackedPeer> picked, Random random)
    {
        if (_members.Count == 0 || picked.IsEmpty)
        {
            return 0;
        }

        var start = random.Next(_members.Count);
        var near = new Look(IsNear: true, start);
        var far = new Look(IsNear: false, start);
        var count = Take(asking, picked[..(picked.Length - picked.Length / 4)], ref near);
        count += Take(asking, picked[count..], ref far);
        return count + Take(asking, picked[count..], ref near);
    }

    private int Take(in PeerAsking asking, Span<TrackedPeer> picked, ref Look look)
    {
        var count = 0;
        var newest = look.Any == 0 ? Math.Min(_members.Count, MaxNewLooked) : 0;
        for (; look.New < newest && count < (picked.Length + 1) / 2; look.New++)
        {
            var member = _members[_members.Count - 1 - look.New];
            if (asking.Wants(member) && asking.IsNear(member) == look.IsNear)
            {
                picked[count++] = member.Peer;
            }
        }

        for (var end = Math.Min(_members.Count, MaxLooked); look.Any < end && count < picked.Length; look.Any++)
        {
            var place = (look.Start + look.Any) % _members.Count;
            if (place < _members.Count - look.New && asking.Wants(_members[place]) && asking.IsNear(_members[place]) == look.IsNear)
            {
                picked[count++] = _members[place].Peer;
            }
        }

        return count;
    }

    /// <summary>How far a look through the members has come.</summary>
    /// <param name="IsNear">Whether near ones are looked for, or the others.</param>
    /// <param name="Start">Where the one that goes by chance began.</param>
    private record struct Look(bool IsNear, int Start)
    {
        /// <summary>Members looked at from the newest on.</summary>
        public int New { get; set; }

        /// <summary>Members looked at from the start on.</summary>
        public int Any { get; set; }
    }
}

/// <summary>A peer in a swarm.</summary>
/// <param name="Peer">Who.</param>
/// <param name="IsMember">Whether it is of our cluster.</param>
/// <param name="SeenAt">Timestamp of its last announce.</param>
/// <param name="Look">Number of the one look at it that counts.</param>
internal readonly record struct PoolMember(TrackedPeer Peer, bool IsMember, long SeenAt, long Look = 0);
