using Pier.Content.Contracts;

namespace Pier.Distribution;

/// <summary>A manifest from an upstream, read and found well-formed.</summary>
/// <param name="Document">Digest, media type and the bytes as published.</param>
/// <param name="WasAnonymous">True when it was had without credentials: the repository is public.</param>
public sealed record UpstreamManifest(ManifestDocument Document, bool WasAnonymous);
