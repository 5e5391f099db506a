using Pier.Membership.Members;

namespace Pier.Fetch.Sources;

/// <summary>How sources are called in the status, in logs and in bans.</summary>
internal static class SourceNames
{
    /// <summary>A member over its node port.</summary>
    public static string Of(Member member) => $"member {member.Name} {member.Id.Short}";
}
