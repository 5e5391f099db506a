using System.Text.Json;
using Pier.Membership.Identity;
using Pier.Membership.Members;

namespace Pier.Membership.Wire;

/// <summary>What two members tell each other at each heartbeat, and the answer to a join: the sender and all it knows.</summary>
internal sealed record Greeting
{
    /// <summary>Longest list taken from the wire.</summary>
    public const int MaxMembers = 1024;

    public required string Founder { get; init; }

    public required MemberDocument Self { get; init; }

    public required IReadOnlyList<MemberDocument> Members { get; init; }

    /// <summary>The moment in the sender's holdings, told in answers to heartbeats; 0 when it does not tell.</summary>
    public ulong HoldingsEpoch { get; init; }

    public ulong HoldingsNumber { get; init; }

    public static Greeting From(MemberTable table) => new()
    {
        Founder = table.Current.Founder.ToString(),
        Self = MemberDocument.Of(table.Self),
        Members = [.. table.Tell().Select(entry => MemberDocument.Of(entry.Record, entry.Silence))],
    };

    /// <summary>The founder's id.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public NodeId ParseFounder() =>
        NodeId.TryParse(Founder, out var founder) ? founder : throw new JsonException("founder is no node id.");

    /// <summary>The sender, who must be the one that the connection's certificate names.</summary>
    /// <exception cref="JsonException">It speaks in another's name, or is malformed.</exception>
    public MemberRecord ParseSelf(NodeId authenticated)
    {
        var record = Self.ToEntry().Record;
        return record.Id == authenticated
            ? record
            : throw new JsonException("self.id is not the id of the certificate that the sender uses.");
    }

    /// <summary>Those it tells of.</summary>
    /// <exception cref="JsonException">Too many, or one is malformed.</exception>
    public IReadOnlyList<MemberEntry> ParseMembers() => Members.Count <= MaxMembers
        ? [.. Members.Select(member => member.ToEntry())]
        : throw new JsonException($"members has over {MaxMembers} entries.");
}
