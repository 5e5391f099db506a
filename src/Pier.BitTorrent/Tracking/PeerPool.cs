namespace Pier.BitTorrent.Tracking;

/// <summary>The seeds or the others of one swarm, kept so that some can be picked without walking over all. Not thread-safe: the shard holds its lock.</summary>
internal sealed class PeerPool
{
    // Beyond this many a pick is a random part of the pool: what an announce costs stays bounded.
    private const int MaxLooked = 512;
    private const int MaxNewLooked = 128;

    // Whoever has many ports, or comes again and again, would be all that is new; more of its host are named by chance only.
    private const int MostNewOfHost = 2;

    private readonly List<PoolMember> _members = [];
    private readonly Dictionary<PeerAddress, Place> _places = [];

    // Who came last, in a ring, those that have gone since among them.
    private readonly List<PeerAddress> _newest = [];
    private int _nextNewest;

    public int Count => _members.Count;

    public IReadOnlyList<PoolMember> Members => _members;

    public bool TryFind(PeerAddress address, out PoolMember member)
    {
        var isHere = _places.TryGetValue(address, out var place);
        member = isHere ? _members[place.Index] : default;
        return isHere;
    }

    /// <summary>Takes a peer in, or notes what is new of it.</summary>
    public void Put(PoolMember member)
    {
        if (_places.TryGetValue(member.Peer.Address, out var place))
        {
            _members[place.Index] = member;
        }
        else
        {
            _places[member.Peer.Address] = new Place(_members.Count, NoteNew(member.Peer.Address));
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
        if (place.Index != last)
        {
            var moved = _members[last];
            _members[place.Index] = moved;
            _places[moved.Peer.Address] = _places[moved.Peer.Address] with { Index = place.Index };
        }

        _members.RemoveAt(last);
        return true;
    }

    /// <summary>
    /// Picks peers: near ones for three quarters of the room, so that bytes stay in the house; others for the rest, so that the swarm
    /// stays one; then again near ones. Half of each are those that came last, few of one host, and half start at a random place. In a crowd who came
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
        var newest = look.Any == 0 ? _newest.Count : 0;
        for (; look.New < newest && count < (picked.Length + 1) / 2; look.New++)
        {
            var slot = (byte)((_nextNewest - 1 - look.New + 2 * MaxNewLooked) % MaxNewLooked);
            if (_places.TryGetValue(_newest[slot], out var place) && place.Slot == slot
                && _members[place.Index] is var member && asking.Wants(member) && asking.IsNear(member) == look.IsNear)
            {
                picked[count++] = member.Peer;
                look.Taken |= UInt128.One << slot;
            }
        }

        for (var end = Math.Min(_members.Count, MaxLooked); look.Any < end && count < picked.Length; look.Any++)
        {
            var member = _members[(look.Start + look.Any) % _members.Count];
            if (asking.Wants(member) && asking.IsNear(member) == look.IsNear && !IsTaken(member.Peer.Address, look.Taken))
            {
                picked[count++] = member.Peer;
            }
        }

        return count;
    }

    private byte NoteNew(PeerAddress address)
    {
        if (SlotToShare(address.Host) is { } shared)
        {
            _newest[shared] = address;
            return shared;
        }

        var slot = (byte)_nextNewest;
        if (_newest.Count < MaxNewLooked)
        {
            _newest.Add(address);
        }
        else
        {
            _newest[slot] = address;
        }

        _nextNewest = (_nextNewest + 1) % MaxNewLooked;
        return slot;
    }

    // A slot of a host that has as many as it may.
    private byte? SlotToShare(PeerAddress host)
    {
        var count = 0;
        for (byte slot = 0; slot < _newest.Count; slot++)
        {
            if (_newest[slot].Host == host && ++count == MostNewOfHost)
            {
                return slot;
            }
        }

        return null;
    }

    // Who has long been here keeps the number of a slot that is another's now.
    private bool IsTaken(PeerAddress address, UInt128 taken) =>
        taken != 0 && _places[address].Slot is var slot && (taken >> slot & 1) != 0 && _newest[slot] == address;

    /// <summary>Where a peer is kept.</summary>
    /// <param name="Index">Among the members.</param>
    /// <param name="Slot">Among the newest, when it came.</param>
    private readonly record struct Place(int Index, byte Slot);

    /// <summary>How far a look through the members has come.</summary>
    /// <param name="IsNear">Whether near ones are looked for, or the others.</param>
    /// <param name="Start">Where the one that goes by chance began.</param>
    private record struct Look(bool IsNear, int Start)
    {
        /// <summary>Slots looked at from the newest on.</summary>
        public int New { get; set; }

        /// <summary>Members looked at from the start on.</summary>
        public int Any { get; set; }

        /// <summary>Slots of the newest that were picked, a bit each.</summary>
        public UInt128 Taken { get; set; }
    }
}

/// <summary>A peer in a swarm.</summary>
/// <param name="Peer">Who.</param>
/// <param name="IsMember">Whether it is of our cluster.</param>
/// <param name="SeenAt">Timestamp of its last announce.</param>
/// <param name="Look">Number of the one look at it that counts.</param>
internal readonly record struct PoolMember(TrackedPeer Peer, bool IsMember, long SeenAt, long Look = 0);
