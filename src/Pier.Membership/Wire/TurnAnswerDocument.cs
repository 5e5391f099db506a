namespace Pier.Membership.Wire;

/// <summary>The referee's ruling; to a renewal, <see cref="Granted"/> alone counts.</summary>
internal sealed record TurnAnswerDocument
{
    public required bool Granted { get; init; }

    public long LeaseMs { get; init; }

    public MemberDocument? Follow { get; init; }

    public bool Done { get; init; }
}
