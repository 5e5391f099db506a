using System.Buffers;
using System.Text.Json;
using Pier.Content;
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

/// <summary>What a node last knew of a tag.</summary>
internal sealed record TagDocument
{
    public required string Digest { get; init; }

    public required string MediaType { get; init; }

    public required DateTimeOffset When { get; init; }

    public static TagDocument Of(TagRecord tag) =>
        new() { Digest = tag.Digest.ToString(), MediaType = tag.MediaType, When = tag.When };

    /// <exception cref="JsonException">A field is malformed.</exception>
    public TagRecord ToRecord() =>
        !Pier.Content.Digest.TryParse(Digest, out var digest) ? throw new JsonException("digest is none.")
        : !MediaTypeText.IsValid(MediaType) ? throw new JsonException("mediaType is none.")
        : new TagRecord(digest, MediaType, When);
}

/// <summary>The form of a media type, checked before it reaches a header.</summary>
internal static class MediaTypeText
{
    private const int MaxLength = 255;

    /// <summary>True for printable ASCII of bounded length with one slash in it (RFC 6838 §4.2 bounds each half by 127).</summary>
    public static bool IsValid(string text) =>
        text.Length is > 2 and <= MaxLength && text.Contains('/') && !text.AsSpan().ContainsAnyExceptInRange(' ', '~');
}
