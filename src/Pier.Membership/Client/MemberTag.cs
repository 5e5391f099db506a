using Pier.Membership.Members;

namespace Pier.Membership.Client;

/// <summary>A member's memory of a tag.</summary>
/// <param name="Member">Who remembers.</param>
/// <param name="Tag">What it remembers.</param>
public sealed record MemberTag(Member Member, TagRecord Tag);
