using System.Text.Json.Serialization;

namespace Pier.Distribution.Wire;

/// <summary>The JSON body of a tags list (OCI distribution-spec, "Listing Tags").</summary>
/// <param name="Name">The repository.</param>
/// <param name="Tags">Its tags; some registries write null for none.</param>
public sealed record TagList(
    [property: JsonPropertyName("name")] string? Name,
    [property: JsonPropertyName("tags")] IReadOnlyList<string>? Tags);
