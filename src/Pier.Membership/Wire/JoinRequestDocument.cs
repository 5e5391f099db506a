namespace Pier.Membership.Wire;

/// <summary>A request to join: the challenge, the proof of the secret, and who joins.</summary>
internal sealed record JoinRequestDocument
{
    public required byte[] Challenge { get; init; }

    public required byte[] Proof { get; init; }

    public required MemberDocument Self { get; init; }
}
