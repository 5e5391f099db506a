namespace Pier.Membership.Wire;

/// <summary>A challenge to a node that wants to join.</summary>
internal sealed record JoinChallengeDocument
{
    public required byte[] Challenge { get; init; }
}

/// <summary>A request to join: the challenge, the proof of the secret, and who joins.</summary>
internal sealed record JoinRequestDocument
{
    public required byte[] Challenge { get; init; }

    public required byte[] Proof { get; init; }

    public required MemberDocument Self { get; init; }
}
