namespace Pier.Membership.Client;

/// <summary>Which leg of a call to a member failed.</summary>
public enum MemberFailure
{
    /// <summary>No connection: refused, no route, or whoever answers has another key.</summary>
    Unreachable,

    /// <summary>No answer in time.</summary>
    TimedOut,

    /// <summary>It does not take this node for a member, or forbids the call.</summary>
    Refused,

    /// <summary>It does not have the blob any more, or not that range of it.</summary>
    NotHeld,

    /// <summary>It serves as many streams as it may; another member or a moment later may do.</summary>
    Busy,

    /// <summary>The stream brought no byte for longer than <see cref="MembershipOptions.StallAfter"/>.</summary>
    Stalled,

    /// <summary>The stream broke before its end: the member or its own source failed.</summary>
    Broken,

    /// <summary>The answer is not what the protocol says, or over a bound.</summary>
    Malformed,
}
