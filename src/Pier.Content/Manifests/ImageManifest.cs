namespace Pier.Content.Manifests;

/// <summary>The manifest of one image: its configuration and its layers (OCI image-spec, manifest.md; Docker schema 2).</summary>
public sealed record ImageManifest : Manifest
{
    /// <summary>Joins what the parser read.</summary>
    public ImageManifest(string mediaType, ReadOnlyMemory<byte> content, Descriptor config, IReadOnlyList<Descriptor> layers)
        : base(mediaType, content)
    {
        Config = config;
        Layers = layers;
        References = [config, .. layers];
    }

    /// <summary>The image's configuration.</summary>
    public Descriptor Config { get; }

    /// <summary>The layers, the lowest first.</summary>
    public IReadOnlyList<Descriptor> Layers { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Descriptor> References { get; }
}
