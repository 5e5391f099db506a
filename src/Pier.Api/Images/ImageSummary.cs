namespace Pier.Api.Images;

/// <summary>A tag that this node remembers.</summary>
/// <param name="Name">Repository and tag in Docker's short form where one exists.</param>
/// <param name="Digest">The manifest or index it names.</param>
/// <param name="MediaType">That document's media type.</param>
/// <param name="Size">Bytes of everything below it that is held here.</param>
/// <param name="MissingBlobs">Blobs below it that are not held, for the platforms that were pulled.</param>
/// <param name="SeenAt">When the tag was last seen to name this digest.</param>
/// <param name="Pinned">True when no eviction may take it.</param>
public sealed record ImageSummary(string Name, string Digest, string MediaType, long Size, int MissingBlobs, DateTimeOffset SeenAt, bool Pinned);

/// <summary>All tags that this node remembers.</summary>
/// <param name="Images">In order of their names.</param>
public sealed record ImageList(IReadOnlyList<ImageSummary> Images);

/// <summary>Asks for an image in the store.</summary>
/// <param name="Image">A reference as Docker spells it.</param>
/// <param name="Platform">os/architecture[/variant], several with commas between them; null is the daemon's own.</param>
/// <param name="AllPlatforms">Every platform of an index.</param>
public sealed record PullRequest(string Image, string? Platform = null, bool AllPlatforms = false);

/// <summary>What an import brought.</summary>
/// <param name="Images">The tags it named; empty when the layout names none.</param>
/// <param name="Digests">Manifests and indexes the layout's index lists.</param>
/// <param name="Blobs">Number of blobs read.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record ImportAnswer(IReadOnlyList<string> Images, IReadOnlyList<string> Digests, int Blobs, long Bytes);

/// <summary>What a removal took away.</summary>
/// <param name="Name">What was removed.</param>
/// <param name="Blobs">Number of blobs that nothing else needed.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record RemoveAnswer(string Name, int Blobs, long Bytes);
