using System.Text.Json;
using Pier.Membership.Client;

namespace Pier.Membership.Wire;

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
