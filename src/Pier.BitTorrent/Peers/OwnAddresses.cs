using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Peers;

/// <summary>
/// Which addresses we have, as peers see them (BEP 10, <c>yourip</c>) and trackers (BEP 24, <c>external ip</c>): what most of the last ones to say so agree on. Each
/// address that says so has one vote. Thread-safe.
/// </summary>
internal sealed class OwnAddresses
{
    private const int MaxVotes = 32;
    private const int MinVotes = 2;

    private readonly Lock _gate = new();
    private readonly LinkedList<(IPAddress Voter, IPAddress Seen)> _votes = new();

    /// <summary>A peer says where it sees us.</summary>
    public void Vote(IPAddress voter, IPAddress seen)
    {
        if (seen.AddressFamily != voter.AddressFamily)
        {
            return;
        }

        lock (_gate)
        {
            for (var node = _votes.First; node is not null; node = node.Next)
            {
                if (node.Value.Voter.Equals(voter))
                {
                    _votes.Remove(node);
                    break;
                }
            }

            _votes.AddLast((voter, seen));
            if (_votes.Count > MaxVotes)
            {
                _votes.RemoveFirst();
            }
        }
    }

    /// <summary>A tracker may have said where it sees us.</summary>
    public void Vote(AnnounceAnswer answer)
    {
        if (answer is { TrackerAddress: { } tracker, ExternalAddress: { } seen })
        {
            Vote(tracker, seen);
        }
    }

    /// <summary>Our address of a family; null while too few have said.</summary>
    public IPAddress? Find(AddressFamily family)
    {
        lock (_gate)
        {
            var best = _votes.Where(vote => vote.Seen.AddressFamily == family).GroupBy(vote => vote.Seen).MaxBy(group => group.Count());
            return best?.Count() >= MinVotes ? best.Key : null;
        }
    }
}
