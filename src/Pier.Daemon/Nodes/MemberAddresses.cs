using System.Collections.Frozen;
using System.Net;
using Pier.Membership;
using Pier.Membership.Members;

namespace Pier.Daemon.Nodes;

/// <summary>Which addresses are members' of the cluster: asked for each connection and announce, worked out once for each change of the cluster.</summary>
internal sealed class MemberAddresses(IMembership membership)
{
    private volatile Known _known = new(null, FrozenSet<IPAddress>.Empty);

    /// <summary>Whether a member other than this node is reached there.</summary>
    public bool Contains(IPAddress address)
    {
        var now = membership.Current;
        var known = _known;
        if (!ReferenceEquals(known.Snapshot, now))
        {
            _known = known = new Known(now, now.Others
                .SelectMany(member => (IPAddress?[])[member.Endpoint.Address, member.PeerEndpoint?.Address])
                .OfType<IPAddress>()
                .Select(Plain)
                .ToFrozenSet());
        }
        return known.Addresses.Count > 0 && known.Addresses.Contains(Plain(address));
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private sealed record Known(MemberSnapshot? Snapshot, FrozenSet<IPAddress> Addresses);
}
