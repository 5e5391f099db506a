using System.Text;
using Pier.Content;
using Pier.Membership.Members;

namespace Pier.Fetch.Turns;

/// <summary>Who goes to the upstream first when a digest's referee is silent: the same node by every node's reckoning.</summary>
internal static class FallbackOrder
{
    /// <summary>The winner of rendezvous hashing over this node and the live members, without the referee.</summary>
    public static Member First(MemberSnapshot cluster, Digest digest)
    {
        var referee = cluster.RefereeOf(digest).Id;
        return cluster.Live.Where(member => member.Id != referee)
            .Append(cluster.Self)
            .MinBy(member => Weight(member, digest), StringComparer.Ordinal)!;
    }

    private static string Weight(Member member, Digest digest) =>
        Digest.Compute(Encoding.ASCII.GetBytes($"{digest}/{member.Id}")).Hex;
}
