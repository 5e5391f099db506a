using System.Net;
using Pier.BitTorrent.Peers;

namespace Pier.BitTorrent.Dht;

/// <summary>Finds out our address as the world sees it, from what nodes say of it in their answers (BEP 42). One of them may lie, a majority not.</summary>
internal sealed class ExternalAddress
{
    private const int VotersNeeded = 5;
    private const int MaxVoters = 32;

    private readonly Dictionary<IPAddress, IPAddress> _votes = [];

    /// <summary>The address; null until enough nodes agree.</summary>
    public IPAddress? Current { get; private set; }

    /// <summary>Counts a node's word; true when it settles on another address than before.</summary>
    public bool Vote(IPAddress voter, IPAddress seen)
    {
        if (AddressScopes.Of(seen) != AddressScope.World || AddressScopes.Of(voter) != AddressScope.World)
        {
            return false;
        }

        _votes[AddressScopes.NetworkOf(voter)] = seen;
        if (_votes.Count < VotersNeeded)
        {
            return false;
        }

        var winner = _votes.Values.GroupBy(vote => vote).MaxBy(group => group.Count())!;
        var settled = winner.Count() * 2 > _votes.Count && !winner.Key.Equals(Current);
        if (settled)
        {
            Current = winner.Key;
        }

        if (_votes.Count >= MaxVoters)
        {
            // A new round, so that a new address of ours is noticed.
            _votes.Clear();
        }

        return settled;
    }
}
