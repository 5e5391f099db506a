using Pier.Membership.Members;

namespace Pier.Membership;

/// <summary>Who is in the cluster, as every other room sees it.</summary>
public interface IMembership
{
    /// <summary>The cluster now; reading it costs nothing. Ask it for members, liveness and <see cref="MemberSnapshot.RefereeOf"/>.</summary>
    MemberSnapshot Current { get; }

    /// <summary>
    /// The cluster's secret: the key of rendezvous ids for content that is not public (design §4). Empty while
    /// this node is alone. Never to be logged.
    /// </summary>
    ReadOnlyMemory<byte> SwarmKey { get; }

    /// <summary>The cluster now, then after each change of members, addresses or liveness; a slow watcher skips to the newest.</summary>
    IAsyncEnumerable<MemberSnapshot> WatchAsync(CancellationToken cancellationToken);
}
