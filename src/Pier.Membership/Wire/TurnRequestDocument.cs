namespace Pier.Membership.Wire;

/// <summary>A question to the referee, or a word on a turn.</summary>
internal sealed record TurnRequestDocument
{
    public required string Digest { get; init; }

    /// <summary>Asking: the holder that cannot be streamed from.</summary>
    public string? Unreachable { get; init; }

    /// <summary>Renewing: bytes that have arrived.</summary>
    public long Progress { get; init; }

    /// <summary>Renewing: true while none has and the upstream may take this long.</summary>
    public bool Waiting { get; init; }

    /// <summary>Releasing: true when the blob is sealed.</summary>
    public bool Done { get; init; }
}
