namespace Pier.Content.Manifests;

/// <summary>The media types of images: OCI image-spec (media-types.md) and Docker image manifest version 2, schema 2.</summary>
public static class MediaTypes
{
    /// <summary>OCI image manifest.</summary>
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>OCI image index.</summary>
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";

    /// <summary>OCI image configuration.</summary>
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";

    /// <summary>OCI empty descriptor's content, <c>{}</c>.</summary>
    public const string OciEmpty = "application/vnd.oci.empty.v1+json";

    /// <summary>OCI layer, plain tar.</summary>
    public const string OciLayer = "application/vnd.oci.image.layer.v1.tar";

    /// <summary>OCI layer, gzip.</summary>
    public const string OciLayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip";

    /// <summary>OCI layer, zstd.</summary>
    public const string OciLayerZstd = "application/vnd.oci.image.layer.v1.tar+zstd";

    /// <summary>Prefix of OCI layers that registries were not to host (deprecated).</summary>
    public const string OciNonDistributableLayerPrefix = "application/vnd.oci.image.layer.nondistributable.v1.tar";

    /// <summary>Marker file of an OCI image layout.</summary>
    public const string OciLayoutHeader = "application/vnd.oci.layout.header.v1+json";

    /// <summary>Docker schema 2 manifest.</summary>
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    /// <summary>Docker schema 2 manifest list.</summary>
    public const string DockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json";

    /// <summary>Docker image configuration.</summary>
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";

    /// <summary>Docker layer, gzip.</summary>
    public const string DockerLayerGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip";

    /// <summary>Docker layer that is fetched from its own URLs.</summary>
    public const string DockerForeignLayer = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

    /// <summary>Docker schema 1, retired and refused: its digests do not name its bytes.</summary>
    public const string DockerSchema1 = "application/vnd.docker.distribution.manifest.v1+json";

    /// <summary>Docker schema 1, signed.</summary>
    public const string DockerSchema1Signed = "application/vnd.docker.distribution.manifest.v1+prettyjws";

    /// <summary>What Pier asks registries for, the richest first.</summary>
    public static IReadOnlyList<string> Acceptable { get; } = [OciIndex, DockerManifestList, OciManifest, DockerManifest];

    /// <summary>True for an index or manifest list.</summary>
    public static bool IsIndex(string? mediaType) => mediaType is OciIndex or DockerManifestList;

    /// <summary>True for the manifest of one image.</summary>
    public static bool IsImage(string? mediaType) => mediaType is OciManifest or DockerManifest;

    /// <summary>True for any document that registries keep under <c>/manifests/</c>.</summary>
    public static bool IsManifest(string? mediaType) => IsIndex(mediaType) || IsImage(mediaType);

    /// <summary>True for layers whose bytes may live elsewhere than in the registry.</summary>
    public static bool IsForeignLayer(string mediaType) =>
        mediaType == DockerForeignLayer || mediaType.StartsWith(OciNonDistributableLayerPrefix, StringComparison.Ordinal);

    /// <summary>A <c>Content-Type</c> without its parameters, in lower case.</summary>
    public static string WithoutParameters(string contentType)
    {
        var end = contentType.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? contentType : contentType[..end]).Trim().ToLowerInvariant();
    }
}
