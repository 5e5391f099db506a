using System.Text.Json.Serialization;
using Pier.Content;

namespace Pier.Store.Tags;

/// <summary>The last known answer of a tag.</summary>
/// <param name="Digest">The manifest it named.</param>
/// <param name="MediaType">The manifest's media type.</param>
/// <param name="When">When the upstream, or who stood for it, said so.</param>
/// <param name="Pinned">True when it is to be answered so for ever, whatever the upstream says.</param>
public sealed record TagRecord(Digest Digest, string MediaType, DateTimeOffset When, bool Pinned = false);

/// <summary>A tag record on disk.</summary>
internal sealed record TagDocument(
    int Version,
    string Digest,
    string MediaType,
    DateTimeOffset When,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Pinned = false);
