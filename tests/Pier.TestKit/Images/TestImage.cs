namespace Pier.TestKit.Images;

/// <summary>One layer as it lies in the registry.</summary>
/// <param name="Digest">Digest of the compressed bytes, with algorithm.</param>
/// <param name="Size">Compressed size in bytes.</param>
/// <param name="DiffId">Digest of the uncompressed tar, with algorithm.</param>
public sealed record TestLayer(string Digest, long Size, string DiffId);

/// <summary>An image that the upstream of the tests holds.</summary>
/// <param name="Name">Name as users type it, tag included; means docker.io.</param>
/// <param name="Repository">Repository on the upstream, "library/" included.</param>
/// <param name="Tag">Tag.</param>
/// <param name="ManifestDigest">Digest of the manifest, with algorithm.</param>
/// <param name="ImageId">Digest of the configuration: what Docker calls the image id.</param>
/// <param name="Layers">Its layers, lowest first.</param>
/// <param name="TotalBytes">Bytes of manifest, configuration and layers together.</param>
public sealed record TestImage(
    string Name, string Repository, string Tag, string ManifestDigest, string ImageId, IReadOnlyList<TestLayer> Layers, long TotalBytes);
