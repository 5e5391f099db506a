using Pier.Content;

namespace Pier.Distribution;

/// <summary>What an upstream says of a manifest without sending it.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="MediaType">Its media type as the upstream serves it.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="WasAnonymous">True when the answer was had without credentials: the repository is public.</param>
public sealed record ManifestHead(Digest Digest, string MediaType, long Size, bool WasAnonymous);
