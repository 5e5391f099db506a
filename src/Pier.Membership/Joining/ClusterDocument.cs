namespace Pier.Membership.Joining;

/// <summary><c>cluster/cluster.json</c>, mode 0600: which cluster this node is in.</summary>
internal sealed record ClusterDocument
{
    public const int CurrentVersion = 1;

    public required int Version { get; init; }

    public required byte[] Secret { get; init; }

    public required string Founder { get; init; }

    /// <summary>The node that was joined, for joining again under its host name; null at the founder.</summary>
    public JoinedDocument? Joined { get; init; }

    /// <summary>No secret.</summary>
    public override string ToString() => $"cluster of {Founder}";
}
