using System.Runtime.CompilerServices;

namespace Pier.Membership.Members;

/// <summary>The member table as other rooms see it, with the cluster's secret once there is one.</summary>
internal sealed class ClusterMembership(MemberTable table) : IMembership
{
    private volatile byte[] secret = [];

    /// <inheritdoc/>
    public MemberSnapshot Current => table.Current;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> SwarmKey => secret;

    /// <summary>Gives the node its cluster's secret.</summary>
    public void Unlock(ReadOnlyMemory<byte> clusterSecret) => secret = clusterSecret.ToArray();

    /// <inheritdoc/>
    public async IAsyncEnumerable<MemberSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var snapshot = table.Current;
            yield return snapshot;
            await table.ChangedSince(snapshot.Version).WaitAsync(cancellationToken);
        }
    }
}
