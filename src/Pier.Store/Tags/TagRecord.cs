using Pier.Content;

namespace Pier.Store.Tags;

/// <summary>The last known answer of a tag.</summary>
/// <param name="Digest">The manifest it named.</param>
/// <param name="MediaType">The manifest's media type.</param>
/// <param name="When">When the upstream, or who stood for it, said so.</param>
public sealed record TagRecord(Digest Digest, string MediaType, DateTimeOffset When);

/// <summary>A tag record on disk.</summary>
internal sealed record TagDocument(int Version, string Digest, string MediaType, DateTimeOffset When);
