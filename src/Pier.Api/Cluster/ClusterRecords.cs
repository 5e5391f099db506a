namespace Pier.Api.Cluster;

/// <summary>Opens the node port and makes this node the first member of a cluster.</summary>
/// <param name="Advertise">The address under which new nodes reach this one; null is the daemon's own choice.</param>
public sealed record ClusterInitRequest(string? Advertise = null);

/// <summary>What a new node needs to join; a secret.</summary>
/// <param name="Token">The join token.</param>
/// <param name="JoinAddress">Host and port of the node port to join.</param>
public sealed record ClusterToken(string Token, string JoinAddress);

/// <summary>One member as this node sees it.</summary>
/// <param name="NodeId">Its id.</param>
/// <param name="Name">Its host name.</param>
/// <param name="Address">Host and port of its node port.</param>
/// <param name="Alive">False when it has not been heard of for 15 s.</param>
/// <param name="Self">True for this node.</param>
/// <param name="LastSeen">When it was last heard of.</param>
public sealed record MemberStatus(string NodeId, string Name, string Address, bool Alive, bool Self, DateTimeOffset LastSeen);

/// <summary>The cluster's members.</summary>
/// <param name="Members">In order of their names.</param>
public sealed record MemberList(IReadOnlyList<MemberStatus> Members);
