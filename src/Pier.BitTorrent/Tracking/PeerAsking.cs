namespace Pier.BitTorrent.Tracking;

/// <summary>The peer that asks for others: which are of use to it, and which are near.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="IsMember">Whether it is of our cluster.</param>
/// <param name="SameFamilyOnly">Whether it can be told only of its own address family.</param>
internal readonly record struct PeerAsking(PeerAddress Address, bool IsMember, bool SameFamilyOnly)
{
    /// <summary>Whether it can use this peer: not itself, and no loopback address that would lead it to itself.</summary>
    public bool Wants(in PoolMember other) =>
        other.Peer.Address != Address
        && (!other.Peer.Address.IsLoopback || Address.IsLoopback)
        && (!SameFamilyOnly || other.Peer.Address.IsV4 == Address.IsV4);

    /// <summary>Whether bytes between the two stay in the house: one host, one subnet, one cluster.</summary>
    public bool IsNear(in PoolMember other) =>
        (IsMember && other.IsMember) || Address.SharesHost(other.Peer.Address) || Address.SharesSubnet(other.Peer.Address);
}
