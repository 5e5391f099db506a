using System.Text.Json;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;

namespace Pier.Registry.Local;

/// <summary>A manifest as the list of referrers describes it: with the type of its artifact and its annotations.</summary>
/// <param name="Digest">Its name.</param>
/// <param name="MediaType">The type under which it was pushed.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="ArtifactType">Its own, else for an image the type of its configuration; null for an index without.</param>
/// <param name="Annotations">Its own.</param>
internal sealed record ReferrerDescriptor(
    Digest Digest, string MediaType, long Size, string? ArtifactType, IReadOnlyList<KeyValuePair<string, string>> Annotations)
{
    /// <summary>No more bytes than this in JSON, in the worst of escapes.</summary>
    public long Weight => 512 + (6L * Annotations.Sum(pair => pair.Key.Length + pair.Value.Length + 8)) + (6L * (ArtifactType?.Length ?? 0));

    /// <summary>Describes a manifest of the store; null when it was removed meanwhile.</summary>
    public static async ValueTask<ReferrerDescriptor?> ReadAsync(
        IContentStore store, Digest digest, string mediaType, CancellationToken cancellationToken)
    {
        await using var reader = await store.OpenAsync(digest, cancellationToken);
        if (reader is null || reader.Length > ManifestParser.MaxSize)
        {
            return null;
        }

        var content = new byte[reader.Length];
        for (var offset = 0; offset < content.Length;)
        {
            offset += await reader.ReadAtAsync(offset, content.AsMemory(offset), cancellationToken);
        }

        using var document = JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = ManifestParser.MaxDepth });
        return new ReferrerDescriptor(digest, mediaType, content.Length, TypeOf(document.RootElement), AnnotationsOf(document.RootElement));
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("mediaType", MediaType);
        json.WriteString("digest", Digest.ToString());
        json.WriteNumber("size", Size);
        if (ArtifactType is not null)
        {
            json.WriteString("artifactType", ArtifactType);
        }

        if (Annotations.Count > 0)
        {
            json.WriteStartObject("annotations");
            foreach (var (key, value) in Annotations)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static string? TypeOf(JsonElement root) =>
        Text(root, "artifactType") is { Length: > 0 } own ? own
        : root.TryGetProperty("config", out var config) && config.ValueKind == JsonValueKind.Object ? Text(config, "mediaType")
        : null;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static List<KeyValuePair<string, string>> AnnotationsOf(JsonElement root) =>
        root.TryGetProperty("annotations", out var annotations) && annotations.ValueKind == JsonValueKind.Object
            ? [.. annotations.EnumerateObject().Where(pair => pair.Value.ValueKind == JsonValueKind.String)
                .Select(pair => KeyValuePair.Create(pair.Name, pair.Value.GetString()!))]
            : [];
}
