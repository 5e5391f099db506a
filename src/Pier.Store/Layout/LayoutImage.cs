using Pier.Content;

namespace Pier.Store.Layout;

/// <summary>One entry of a layout's <c>index.json</c>.</summary>
/// <param name="Digest">The manifest or index.</param>
/// <param name="MediaType">Its media type.</param>
/// <param name="Name">The reference it goes by (<c>org.opencontainers.image.ref.name</c>), or null.</param>
public sealed record LayoutImage(Digest Digest, string MediaType, string? Name);
