namespace Pier.BitTorrent.Tracking;

/// <summary>The seeds or the others of one swarm, kept so that some can be picked without walking over all. Not thread-safe: the shard holds its lock.</summary>
internal sealed class PeerPool
{
    // Beyond this many a pick is a random part of the pool: what an announce costs stays bounded.
    private const int MaxLooked = 512;

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
    /// Picks peers, starting at a random place: near ones for three quarters of the room, so that bytes stay in the house; others
    /// for the rest, so that the swarm stays one; then again near ones.
    /// </summary>
    /// <returns>How many.</returns>
    public int Pick(in PeerAsking asking, Span<TrackedPeer> picked, Random random)
    {
        if (_members.Count == 0 || picked.IsEmpty)
        {
            return 0;
        }

        var start = random.Next(_members.Count);
        var nearStep = 0;
        var farStep = 0;
        var count = Take(asking, picked[..(picked.Length - picked.Length / 4)], start, ref nearStep, near: true);
        count += Take(asking, picked[count..], start, ref farStep, near: false);
        return count + Take(asking, picked[count..], start, ref nearStep, near: true);
    }

    private int Take(in PeerAsking asking, Span<TrackedPeer> picked, int start, ref int step, bool near)
    {
        var count = 0;
        for (var end = Math.Min(_members.Count, MaxLooked); step < end && count < picked.Length; step++)
        {
            var member = _members[(start + step) % _members.Count];
            if (asking.Wants(member) && asking.IsNear(member) == near)
            {
                picked[count++] = member.Peer;
            }
        }

        return count;
    }
}

/// <summary>A peer in a swarm.</summary>
/// <param name="Peer">Who.</param>
/// <param name="IsMember">Whether it is of our cluster.</param>
/// <param name="SeenAt">Timestamp of its last announce.</param>
/// <param name="Look">Number of the one look at it that counts.</param>
internal readonly record struct PoolMember(TrackedPeer Peer, bool IsMember, long SeenAt, long Look = 0);
