using System.Net;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Tracking;

/// <summary>The peers of one swarm, kept so that some can be picked without walking over all. Not thread-safe: the registry holds its lock.</summary>
internal sealed class TrackedSwarm(bool isKnown)
{
    private readonly List<Member> _members = [];
    private readonly Dictionary<IPEndPoint, int> _places = [];
    private int _seeders;
    private int _completed;

    /// <summary>Whether the swarm was registered, and stays while it is empty.</summary>
    public bool IsKnown { get; set; } = isKnown;

    public bool IsEmpty => _members.Count == 0;

    public SwarmCounts Counts => new(_seeders, _completed, _members.Count - _seeders);

    /// <summary>Notes the peer as present; a new one is left out when the swarm is full.</summary>
    public void Refresh(TrackedAnnounce announce, DateTimeOffset now, int maxPeers)
    {
        var member = new Member(new TrackedPeer(announce.EndPoint, announce.PeerId), announce.Left == 0, now);
        if (_places.TryGetValue(announce.EndPoint, out var place))
        {
            // Only a leecher can finish: else a repeated event would count twice.
            if (announce.Event == AnnounceEvent.Completed && !_members[place].IsSeeder && member.IsSeeder)
            {
                _completed++;
            }

            _seeders += (member.IsSeeder ? 1 : 0) - (_members[place].IsSeeder ? 1 : 0);
            _members[place] = member;
        }
        else if (_members.Count < maxPeers)
        {
            _places[announce.EndPoint] = _members.Count;
            _members.Add(member);
            _seeders += member.IsSeeder ? 1 : 0;
        }
    }

    public void Remove(IPEndPoint endPoint)
    {
        if (_places.TryGetValue(endPoint, out var place))
        {
            RemoveAt(place);
        }
    }

    /// <summary>Forgets peers last heard of before this time.</summary>
    public void Expire(DateTimeOffset before)
    {
        for (var place = _members.Count - 1; place >= 0; place--)
        {
            if (_members[place].Seen < before)
            {
                RemoveAt(place);
            }
        }
    }

    /// <summary>Picks others for a peer, starting at a random place; a seed is not told of seeds.</summary>
    public List<TrackedPeer> Pick(IPEndPoint asking, bool isSeeder, int count, Random random)
    {
        var picked = new List<TrackedPeer>(Math.Min(count, _members.Count));
        var start = _members.Count == 0 ? 0 : random.Next(_members.Count);
        for (var step = 0; step < _members.Count && picked.Count < count; step++)
        {
            var member = _members[(start + step) % _members.Count];
            if (!(isSeeder && member.IsSeeder) && !member.Peer.EndPoint.Equals(asking))
            {
                picked.Add(member.Peer);
            }
        }

        return picked;
    }

    private void RemoveAt(int place)
    {
        var last = _members.Count - 1;
        _seeders -= _members[place].IsSeeder ? 1 : 0;
        _places.Remove(_members[place].Peer.EndPoint);
        if (place != last)
        {
            _members[place] = _members[last];
            _places[_members[place].Peer.EndPoint] = place;
        }

        _members.RemoveAt(last);
    }

    private readonly record struct Member(TrackedPeer Peer, bool IsSeeder, DateTimeOffset Seen);
}
