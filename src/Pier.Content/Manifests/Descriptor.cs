namespace Pier.Content.Manifests;

/// <summary>What a manifest says of one piece of content (OCI image-spec, descriptor.md).</summary>
/// <param name="MediaType">Type of the content.</param>
/// <param name="Digest">Name of the content.</param>
/// <param name="Size">Length in bytes, never negative.</param>
public sealed record Descriptor(string MediaType, Digest Digest, long Size)
{
    /// <summary>Other places of the content; empty when there are none.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>Free key-value pairs; empty when there are none.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = EmptyAnnotations;

    /// <summary>For whom the content is, in an index; else null.</summary>
    public Platform? Platform { get; init; }

    /// <summary>The content itself where it is embedded (checked against size and digest), else null.</summary>
    public ReadOnlyMemory<byte>? Data { get; init; }

    /// <summary>Type of the artifact that the content describes, or null.</summary>
    public string? ArtifactType { get; init; }

    internal static IReadOnlyDictionary<string, string> EmptyAnnotations { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal).AsReadOnly();
}
