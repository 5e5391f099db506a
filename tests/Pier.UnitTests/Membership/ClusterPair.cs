using Pier.TestKit.Files;

namespace Pier.UnitTests.Membership;

/// <summary>A founder and members that have joined it and see each other.</summary>
internal sealed class ClusterPair : IAsyncDisposable
{
    private readonly TempFolder folder = TempFolder.Create();

    public TestNode Founder { get; private set; } = null!;

    public TestNode Member { get; private set; } = null!;

    public static async Task<ClusterPair> StartAsync(
        CancellationToken cancellationToken, Func<Pier.Membership.MembershipOptions, Pier.Membership.MembershipOptions>? with = null, TimeProvider? memberClock = null)
    {
        var pair = new ClusterPair();
        pair.Founder = await TestNode.StartAsync(pair.folder.Below("founder"), cancellationToken, with);
        await pair.Founder.Cluster.InitAsync(cancellationToken);
        pair.Member = await pair.AddAsync("member", cancellationToken, with, memberClock);
        return pair;
    }

    /// <summary>One more member, known to the founder and to the first member.</summary>
    public async Task<TestNode> AddAsync(
        string name, CancellationToken cancellationToken, Func<Pier.Membership.MembershipOptions, Pier.Membership.MembershipOptions>? with = null, TimeProvider? clock = null)
    {
        var node = await TestNode.StartAsync(folder.Below(name), cancellationToken, with, clock);
        await node.Cluster.JoinAsync(Founder.Target(), cancellationToken);
        if (Member is not null)
        {
            await Member.SeesAsync(node, Pier.Membership.Members.Liveness.Live, cancellationToken);
            await node.SeesAsync(Member, Pier.Membership.Members.Liveness.Live, cancellationToken);
        }

        return node;
    }

    public async ValueTask DisposeAsync()
    {
        await Member.DisposeAsync();
        await Founder.DisposeAsync();
        await folder.DisposeAsync();
    }
}
