namespace Pier.Api.Cache;

/// <summary>What the store holds, each blob counted once however many images share it.</summary>
/// <param name="Blobs">Number of sealed blobs.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="ArrivingBytes">Bytes of blobs that are not whole.</param>
/// <param name="PinnedBytes">Bytes that no eviction may take.</param>
/// <param name="FreeBytes">Free bytes on the file system.</param>
/// <param name="Quota">Most bytes the store may keep; null for no bound.</param>
/// <param name="KeepFree">Bytes that eviction keeps free on the file system; null for none.</param>
/// <param name="EvictedBlobs">Blobs evicted since the start.</param>
/// <param name="EvictedBytes">Their bytes.</param>
/// <param name="Images">By name.</param>
/// <param name="Loose">Blobs of no image.</param>
public sealed record CacheReport(
    long Blobs, long Bytes, long ArrivingBytes, long PinnedBytes, long FreeBytes, long? Quota, long? KeepFree, long EvictedBlobs, long EvictedBytes,
    IReadOnlyList<CachedImage> Images, CachedImage Loose);

/// <summary>An image in the store.</summary>
/// <param name="Name">Repository and tag; for blobs of no image empty.</param>
/// <param name="Blobs">Its blobs that are held, manifests included.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="OwnBytes">Those that no other image has: what its removal frees.</param>
/// <param name="LastUsed">When one of its blobs was last opened, to the minute; null for none.</param>
/// <param name="Pinned">True when no eviction may take it.</param>
public sealed record CachedImage(string Name, int Blobs, long Bytes, long OwnBytes, DateTimeOffset? LastUsed, bool Pinned);

/// <summary>One image or blob in full.</summary>
/// <param name="Name">What was named.</param>
/// <param name="Blobs">Its blobs.</param>
public sealed record CachedParts(string Name, IReadOnlyList<CachedBlob> Blobs);

/// <summary>A blob and who needs it.</summary>
/// <param name="Digest">Its name.</param>
/// <param name="Size">Bytes.</param>
/// <param name="LastUsed">When it was last opened, to the minute.</param>
/// <param name="Pinned">True when no eviction may take it.</param>
/// <param name="Images">The images that have it.</param>
public sealed record CachedBlob(string Digest, long Size, DateTimeOffset LastUsed, bool Pinned, IReadOnlyList<string> Images);

/// <summary>Asks for room.</summary>
/// <param name="KeepBytes">Most bytes to keep; null for any.</param>
/// <param name="UnusedSeconds">Only what was not used for so long.</param>
/// <param name="DryRun">Only say what would go.</param>
public sealed record PruneRequest(long? KeepBytes, double UnusedSeconds, bool DryRun);

/// <summary>What pruning took away, or would take.</summary>
/// <param name="Blobs">Number of blobs.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="DryRun">True when nothing was removed.</param>
public sealed record PruneAnswer(long Blobs, long Bytes, bool DryRun);

/// <summary>Asks for blobs to be hashed again.</summary>
/// <param name="Names">Images or digests; none for the whole store.</param>
/// <param name="Heal">Whether what is damaged is fetched again.</param>
public sealed record VerifyRequest(IReadOnlyList<string> Names, bool Heal);

/// <summary>A blob whose bytes were not those of its name.</summary>
/// <param name="Digest">Its name.</param>
/// <param name="Healed">True when it has been fetched again.</param>
/// <param name="Problem">Why not, or null.</param>
public sealed record DamagedBlob(string Digest, bool Healed, string? Problem);
