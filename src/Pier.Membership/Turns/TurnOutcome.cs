namespace Pier.Membership.Turns;

/// <summary>How a turn ended.</summary>
public enum TurnOutcome
{
    /// <summary>The blob is sealed here; the rest may follow.</summary>
    Done,

    /// <summary>The upstream failed or refused, or nobody here wants the blob any more; the next asker gets the turn.</summary>
    Failed,
}
