using System.Net;
using System.Text;
using Pier.Membership;
using Pier.Membership.Identity;
using Pier.Membership.Members;

namespace Pier.UnitTests.Fetch;

/// <summary>A cluster of this node and one other, which is live.</summary>
/// <param name="peers">Where the other's BitTorrent engine listens; null for loopback only.</param>
internal sealed class LiveCluster(IPEndPoint? peers = null) : IMembership
{
    public MemberSnapshot Current { get; } = new(1, Node("self", null), [Node("other", peers)], default);

    public ReadOnlyMemory<byte> SwarmKey => default;

    public IAsyncEnumerable<MemberSnapshot> WatchAsync(CancellationToken cancellationToken) => AsyncEnumerable.Empty<MemberSnapshot>();

    private static Member Node(string name, IPEndPoint? peers) => new(
        NodeId.OfPublicKey(Encoding.UTF8.GetBytes(name)), name, new IPEndPoint(IPAddress.Loopback, 5059), peers, default, Liveness.Live);
}
