using System.Net;
using Pier.Membership.Joining;

namespace Pier.Membership;

/// <summary>What an operator does with the cluster: <c>pier cluster init|token</c> and <c>pierd --join</c>.</summary>
public interface ICluster
{
    /// <summary>Where the node port listens, or null while it is closed.</summary>
    IPEndPoint? NodePort { get; }

    /// <summary>Makes a cluster of this one node and opens the node port.</summary>
    /// <returns>A token with which others join this node.</returns>
    /// <exception cref="ClusterException">This node is in a cluster already, or the port is taken.</exception>
    Task<JoinToken> InitAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Joins the cluster of the node at the given address and opens the node port. Joining the cluster that this
    /// node is in already does nothing.
    /// </summary>
    /// <exception cref="ClusterException">
    /// The node could not be reached, has another key than the token says, refused the token, or this node is in
    /// another cluster; <see cref="ClusterException.Failure"/> tells them apart.
    /// </exception>
    Task JoinAsync(JoinTarget target, CancellationToken cancellationToken);

    /// <summary>A token with which others join this node; it stays valid as long as the cluster.</summary>
    /// <exception cref="ClusterException">This node is in no cluster.</exception>
    JoinToken CreateToken();
}
