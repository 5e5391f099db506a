namespace Pier.Api.Tags;

/// <summary>The tags of mirrored repositories that the node remembers.</summary>
/// <param name="Tags">In order of name.</param>
public sealed record TagList(IReadOnlyList<TagSummary> Tags);

/// <summary>What the node remembers of a tag.</summary>
/// <param name="Name">The image, with its tag.</param>
/// <param name="Digest">What it names.</param>
/// <param name="MediaType">That manifest's media type.</param>
/// <param name="AsOf">When the upstream last said so.</param>
/// <param name="Pinned">True when it is answered so whatever the upstream says.</param>
/// <param name="Previous">What it named before a refresh that changed it, or null.</param>
public sealed record TagSummary(string Name, string Digest, string MediaType, DateTimeOffset AsOf, bool Pinned, string? Previous = null);
