namespace Pier.Membership.Wire;

/// <summary>A question to the referee, or a word on a turn.</summary>
internal sealed record TurnRequestDocument
{
    public required string Digest { get; init; }

    /// <summary>Asking: the holder that cannot be streamed from.</summary>
    public string? Unreachable { get; init; }

    /// <summary>Renewing: bytes that have arrived.</summary>
    public long Progress { get; init; }

    /// <summary>Releasing: true when the blob is sealed.</summary>
    public bool Done { get; init; }
}

/// <summary>The referee's ruling; to a renewal, <see cref="Granted"/> alone counts.</summary>
internal sealed record TurnAnswerDocument
{
    public required bool Granted { get; init; }

    public long LeaseMs { get; init; }

    public MemberDocument? Follow { get; init; }

    public bool Done { get; init; }
}
