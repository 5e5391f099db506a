using System.Net;
using Pier.Membership.Identity;

namespace Pier.Membership.Members;

/// <summary>One node of the cluster as this node knows it.</summary>
/// <param name="Id">Its id, which pins its certificate.</param>
/// <param name="Name">Its name for people, by default the host name; not unique.</param>
/// <param name="Endpoint">Its node port. For this node itself the address is <see cref="IPAddress.Any"/> unless one is advertised.</param>
/// <param name="PeerEndpoint">Where its BitTorrent engine listens, or null when it listens on loopback only.</param>
/// <param name="LastSeen">When this node last heard from it directly; for a member never met, when the teller had.</param>
/// <param name="Liveness">Whether it can be counted on now.</param>
public sealed record Member(
    NodeId Id, string Name, IPEndPoint Endpoint, IPEndPoint? PeerEndpoint, DateTimeOffset LastSeen, Liveness Liveness)
{
    /// <summary>True while <see cref="Liveness"/> is <see cref="Liveness.Live"/>.</summary>
    public bool IsLive => Liveness == Liveness.Live;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Id.Short}, {Endpoint})";
}
