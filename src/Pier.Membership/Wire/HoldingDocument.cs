using System.Buffers;
using System.Text.Json;
using Pier.Membership.Client;
using Pier.Membership.NodePort;

namespace Pier.Membership.Wire;

/// <summary>What a node has of a blob.</summary>
internal sealed record HoldingDocument
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    public required bool Sealed { get; init; }

    public required long Size { get; init; }

    public string? InfoHashV1 { get; init; }

    public string? InfoHashV2 { get; init; }

    public required long Readable { get; init; }

    public static HoldingDocument Of(NodeHolding holding) => new()
    {
        Sealed = holding.State == HoldingState.Sealed,
        Size = holding.Size,
        InfoHashV1 = holding.InfoHashV1,
        InfoHashV2 = holding.InfoHashV2,
        Readable = holding.Readable,
    };

    /// <exception cref="JsonException">A field is out of its bounds.</exception>
    public NodeHolding ToHolding() =>
        Size < 0 || Readable < 0 || Readable > Size ? throw new JsonException("size and readable must satisfy 0 <= readable <= size.")
        : !IsHash(InfoHashV1, 40) || !IsHash(InfoHashV2, 64) ? throw new JsonException("infoHashV1 has 40, infoHashV2 64 lower-case hex digits.")
        : new NodeHolding(Sealed ? HoldingState.Sealed : HoldingState.Arriving, Size, InfoHashV1, InfoHashV2, Readable);

    private static bool IsHash(string? text, int digits) =>
        text is null || (text.Length == digits && !text.AsSpan().ContainsAnyExcept(HexDigits));
}
