using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Pier.Content;
using Pier.Membership.Identity;

namespace Pier.Membership.Members;

/// <summary>The cluster at one moment: immutable, swapped whole.</summary>
/// <param name="Version">Grows with every change of members, addresses or liveness; not with every sign of life.</param>
/// <param name="Self">This node.</param>
/// <param name="Others">All other members, dead ones included, in order of id.</param>
/// <param name="Founder">The node that ran <c>cluster init</c>; empty while this node is alone.</param>
public sealed record MemberSnapshot(long Version, Member Self, ImmutableArray<Member> Others, NodeId Founder)
{
    /// <summary>The other members that are live now.</summary>
    public ImmutableArray<Member> Live { get; } = [.. Others.Where(member => member.IsLive)];

    /// <summary>True once this node founded or joined a cluster.</summary>
    public bool IsJoined => !Founder.IsEmpty;

    /// <summary>A node on its own.</summary>
    public static MemberSnapshot Alone(Member self) => new(0, self, [], default);

    /// <summary>The member with this id, this node included; null when it is not known.</summary>
    public Member? Find(NodeId id)
    {
        if (id == Self.Id)
        {
            return Self;
        }

        foreach (var member in Others)
        {
            if (member.Id == id)
            {
                return member;
            }
        }

        return null;
    }

    /// <summary>
    /// The referee of a digest (design §3.5): the founder while it lives, else the winner of rendezvous hashing
    /// over the live members and this node, so that turns outlive the founder. May be this node.
    /// </summary>
    public Member RefereeOf(Digest digest)
    {
        if (!IsJoined || Founder == Self.Id)
        {
            return Self;
        }

        if (Find(Founder) is { IsLive: true } founder)
        {
            return founder;
        }

        return WinnerOf(Live.Add(Self), digest);
    }

    /// <summary>
    /// Who rules while the referee is silent and not yet known to be dead: the same one for every node that asks, so
    /// that the end of a referee does not send all of them upstream. Called by others than the referee only.
    /// </summary>
    public Member DeputyOf(Digest digest)
    {
        var referee = RefereeOf(digest).Id;
        return WinnerOf(Live.Add(Self).Where(member => member.Id != referee), digest);
    }

    /// <summary>Of several that hold a blob, the one that is to keep it: the same for every node that asks.</summary>
    public static Member KeeperOf(Digest digest, IEnumerable<Member> holders) => WinnerOf(holders, digest);

    private static Member WinnerOf(IEnumerable<Member> members, Digest digest)
    {
        var name = digest.ToString();
        return members.MaxBy(member => (Weight(member.Id, name), member.Id))!;
    }

    private static ulong Weight(NodeId id, string digest)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.ASCII.GetBytes($"{id}/{digest}"), hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(hash);
    }
}
