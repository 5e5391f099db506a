namespace Pier.Membership.Wire;

/// <summary>A challenge to a node that wants to join.</summary>
internal sealed record JoinChallengeDocument
{
    public required byte[] Challenge { get; init; }
}
