namespace Pier.Membership.Joining;

/// <summary>Host, port and id of the node that was joined.</summary>
internal sealed record JoinedDocument
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    public required string Node { get; init; }
}
