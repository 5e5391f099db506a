using Pier.Content.Contracts;
using Pier.Membership.Members;

namespace Pier.Membership.Client;

/// <summary>A call to a member failed; names the member and the leg.</summary>
public sealed class MemberException(Member member, MemberFailure failure, string message, Exception? cause = null)
    : ContentException($"Member {member}: {message}", cause)
{
    /// <summary>Whom the call was for.</summary>
    public Member Member { get; } = member;

    /// <summary>Which leg failed.</summary>
    public MemberFailure Failure { get; } = failure;
}
