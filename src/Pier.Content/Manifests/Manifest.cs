namespace Pier.Content.Manifests;

/// <summary>A parsed view over a manifest's published bytes; the bytes stay as they are and are what is served.</summary>
/// <param name="MediaType">Its media type, without parameters.</param>
/// <param name="Content">The bytes as published, at most <see cref="ManifestParser.MaxSize"/>.</param>
public abstract record Manifest(string MediaType, ReadOnlyMemory<byte> Content)
{
    /// <summary>Free key-value pairs; empty when there are none.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = Descriptor.EmptyAnnotations;

    /// <summary>Type of the artifact, or null for plain images.</summary>
    public string? ArtifactType { get; init; }

    /// <summary>The manifest that this one refers to, or null.</summary>
    public Descriptor? Subject { get; init; }

    /// <summary>Everything this manifest needs: blobs of an image, manifests of an index. The subject is not among them.</summary>
    public abstract IReadOnlyList<Descriptor> References { get; }
}
