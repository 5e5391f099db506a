using System.Text.Json.Serialization;

namespace Pier.Distribution.Wire;

/// <summary>The JSON body of a catalogue of repositories (distribution registry, "Listing Repositories").</summary>
/// <param name="Repositories">Their names.</param>
public sealed record RepositoryList([property: JsonPropertyName("repositories")] IReadOnlyList<string>? Repositories);
