namespace Pier.Distribution;

/// <summary>What an upstream says of a blob without sending it.</summary>
/// <param name="Size">Length in bytes.</param>
/// <param name="WasAnonymous">True when the answer was had without credentials: the repository is public.</param>
public sealed record BlobHead(long Size, bool WasAnonymous);
