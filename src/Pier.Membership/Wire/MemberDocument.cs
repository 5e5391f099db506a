using System.Net;
using System.Text.Json;
using Pier.Membership.Identity;
using Pier.Membership.Members;

namespace Pier.Membership.Wire;

/// <summary>A member on the wire and in <c>members.json</c>.</summary>
internal sealed record MemberDocument
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Address { get; init; }

    public required int NodePort { get; init; }

    public int? PeerPort { get; init; }

    public required long Revision { get; init; }

    /// <summary>Milliseconds since the teller heard from it; 0 when it tells of itself.</summary>
    public long SilenceMs { get; init; }

    public static MemberDocument Of(MemberRecord record, TimeSpan silence = default) => new()
    {
        Id = record.Id.ToString(),
        Name = record.Name,
        Address = record.Address.ToString(),
        NodePort = record.NodePort,
        PeerPort = record.PeerPort,
        Revision = record.Revision,
        SilenceMs = (long)silence.TotalMilliseconds,
    };

    /// <summary>Checks every field.</summary>
    /// <exception cref="JsonException">A field is malformed or out of its bounds; names it.</exception>
    public MemberEntry ToEntry()
    {
        if (!NodeId.TryParse(Id, out var id))
        {
            throw new JsonException("member.id is no node id.");
        }

        if (Name.Length is 0 or > MemberRecord.MaxNameLength || Name.Any(char.IsControl))
        {
            throw new JsonException($"member.name must have 1 to {MemberRecord.MaxNameLength} printable characters.");
        }

        if (Address.Length > 64 || !IPAddress.TryParse(Address, out var address))
        {
            throw new JsonException("member.address is no IP address.");
        }

        if (!IsPort(NodePort) || (PeerPort is { } peer && !IsPort(peer)))
        {
            throw new JsonException("member.nodePort and member.peerPort must be 1 to 65535.");
        }

        if (SilenceMs is < 0 or > (long)int.MaxValue * 1000)
        {
            throw new JsonException("member.silenceMs is out of range.");
        }

        return new MemberEntry(
            new MemberRecord(id, Name, address, NodePort, PeerPort, Revision), TimeSpan.FromMilliseconds(SilenceMs));
    }

    private static bool IsPort(int port) => port is > 0 and <= 65535;
}
