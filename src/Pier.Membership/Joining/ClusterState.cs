using Pier.Membership.Identity;

namespace Pier.Membership.Joining;

/// <summary>Which cluster this node is in, as kept across restarts.</summary>
/// <param name="Secret">The cluster's secret.</param>
/// <param name="Founder">The node that ran <c>cluster init</c>.</param>
/// <param name="Joined">Whom this node joined; null at the founder.</param>
internal sealed record ClusterState(ReadOnlyMemory<byte> Secret, NodeId Founder, JoinTarget? Joined)
{
    /// <summary>No secret.</summary>
    public override string ToString() => $"cluster of {Founder.Short}";
}
