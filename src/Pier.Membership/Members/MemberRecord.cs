using System.Net;
using Pier.Membership.Identity;

namespace Pier.Membership.Members;

/// <summary>What a node says of itself; passed on by the others unchanged.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Address">Where it is reached; unspecified (<c>0.0.0.0</c>) means the address from which it is seen.</param>
/// <param name="NodePort">Its node port.</param>
/// <param name="PeerPort">Port of its BitTorrent engine under the same address, or null.</param>
/// <param name="Revision">Grows whenever the node changes what it says: milliseconds of Unix time on its own clock.</param>
internal sealed record MemberRecord(NodeId Id, string Name, IPAddress Address, int NodePort, int? PeerPort, long Revision)
{
    /// <summary>Longest name taken.</summary>
    public const int MaxNameLength = 64;

    /// <summary>True when the receiver has to fill in the address.</summary>
    public bool IsAddressOpen => Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any);

    /// <summary>This record with an open address filled in by the one it came from.</summary>
    public MemberRecord SeenAt(IPAddress address) =>
        IsAddressOpen ? this with { Address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address } : this;

    /// <summary>The public view.</summary>
    public Member ToMember(DateTimeOffset lastSeen, Liveness liveness) => new(
        Id,
        Name,
        new IPEndPoint(Address, NodePort),
        PeerPort is { } port ? new IPEndPoint(Address, port) : null,
        lastSeen,
        liveness);
}
