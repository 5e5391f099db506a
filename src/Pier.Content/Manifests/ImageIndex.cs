namespace Pier.Content.Manifests;

/// <summary>A list of manifests, mostly one for each platform (OCI image-spec, image-index.md; Docker manifest list).</summary>
public sealed record ImageIndex : Manifest
{
    /// <summary>Joins what the parser read.</summary>
    public ImageIndex(string mediaType, ReadOnlyMemory<byte> content, IReadOnlyList<Descriptor> manifests)
        : base(mediaType, content) => Manifests = manifests;

    /// <summary>The manifests in the publisher's order; indexes may nest.</summary>
    public IReadOnlyList<Descriptor> Manifests { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Descriptor> References => Manifests;
}
