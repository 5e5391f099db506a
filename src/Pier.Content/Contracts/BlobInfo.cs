namespace Pier.Content.Contracts;

/// <summary>A sealed blob as the store knows it.</summary>
/// <param name="Digest">Its name.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="LastUsed">When it was last opened, to the minute.</param>
/// <param name="Pinned">True when no eviction may take it.</param>
public sealed record BlobInfo(Digest Digest, long Size, DateTimeOffset LastUsed, bool Pinned);
