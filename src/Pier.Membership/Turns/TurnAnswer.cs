using Pier.Membership.Members;

namespace Pier.Membership.Turns;

/// <summary>The referee's answer to one who wants a blob from its upstream.</summary>
public abstract record TurnAnswer
{
    private TurnAnswer()
    {
    }

    /// <summary>Fetch it from the upstream yourself.</summary>
    /// <param name="Lease">How long the turn lasts; telling progress, or that the upstream may take this long, renews it; so tell it every second.</param>
    public sealed record Granted(TimeSpan Lease) : TurnAnswer;

    /// <summary>Stream it from this member; ask again when that breaks.</summary>
    /// <param name="Holder">Holder of the turn, or a member that finished.</param>
    /// <param name="IsDone">True when it has reported the blob sealed.</param>
    public sealed record Follow(Member Holder, bool IsDone) : TurnAnswer;
}
