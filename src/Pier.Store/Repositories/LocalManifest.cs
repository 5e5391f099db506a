using Pier.Content;

namespace Pier.Store.Repositories;

/// <summary>What a local repository knows of one of its manifests beside the bytes, which the store has.</summary>
/// <param name="MediaType">The media type under which it was pushed.</param>
/// <param name="Subject">The manifest that it refers to, held or not; null for none (OCI image-spec, manifest.md, "subject").</param>
public sealed record LocalManifest(string MediaType, Digest? Subject = null);

/// <summary>A local manifest on disk.</summary>
internal sealed record LocalManifestDocument(int Version, string MediaType, string? Subject);
