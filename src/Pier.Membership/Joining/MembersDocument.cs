using Pier.Membership.Wire;

namespace Pier.Membership.Joining;

/// <summary><c>cluster/members.json</c>: the list of the last run, with which a restarted node finds the others.</summary>
internal sealed record MembersDocument
{
    public const int CurrentVersion = 1;

    public required int Version { get; init; }

    /// <summary>When it was written; silences count from here.</summary>
    public required DateTimeOffset Saved { get; init; }

    public required IReadOnlyList<MemberDocument> Members { get; init; }
}
