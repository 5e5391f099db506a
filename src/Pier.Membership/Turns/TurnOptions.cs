namespace Pier.Membership.Turns;

/// <summary>The referee's rules (design §3.5).</summary>
public sealed record TurnOptions
{
    /// <summary>How long a turn lasts without progress, or without the holder's word that it still waits for a slow upstream.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the only holder of a turn may bring nothing, and not say that it still waits, before a second asker gets a turn too.</summary>
    public TimeSpan SecondTurnAfter { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long askers are sent to a node that finished; later, it answers for itself when asked who has the blob.</summary>
    public TimeSpan RememberDone { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Most digests with a turn at a time; the one longest untouched makes room.</summary>
    public int MaxDigests { get; init; } = 16_384;
}
