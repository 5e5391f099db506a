namespace Pier.Membership.Members;

/// <summary>Whether a member can be counted on now.</summary>
public enum Liveness
{
    /// <summary>Heard of within the last seconds.</summary>
    Live,

    /// <summary>Silent for longer than <see cref="MembershipOptions.DeadAfter"/>.</summary>
    Dead,

    /// <summary>It said goodbye when it stopped; it may come back.</summary>
    Left,
}
