using Microsoft.Extensions.Logging;
using Pier.Content;

namespace Pier.Store;

/// <summary>What the store says; ids 3000-3999.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(3000, LogLevel.Information, "Removed {Count} unfinished files that an earlier run left in {Folder}")]
    public static partial void WipedLeftovers(this ILogger log, int count, string folder);

    [LoggerMessage(3001, LogLevel.Debug, "Sealed {Digest}, {Size} bytes")]
    public static partial void Sealed(this ILogger log, Digest digest, long size);

    [LoggerMessage(3002, LogLevel.Warning, "The last use of {Path} could not be noted; eviction may take it too early")]
    public static partial void UseNotNoted(this ILogger log, string path, Exception cause);

    [LoggerMessage(3003, LogLevel.Warning, "Partial blob {Path} starts over: {Reason}")]
    public static partial void PartialStartsOver(this ILogger log, string path, string reason);

    [LoggerMessage(3004, LogLevel.Information, "Partial blob {Digest} resumes with {Present} of {Length} bytes")]
    public static partial void PartialResumes(this ILogger log, Digest digest, long present, long length);

    [LoggerMessage(3005, LogLevel.Error, "Partial blob {Digest} cannot be kept on disk")]
    public static partial void PartialFailed(this ILogger log, Digest digest, Exception cause);

    [LoggerMessage(3006, LogLevel.Warning, "The bytes that came as {Digest} are {Actual}; dropped {Dropped} bytes")]
    public static partial void SealMismatch(this ILogger log, Digest digest, Digest actual, long dropped);

    [LoggerMessage(3007, LogLevel.Warning, "Ignored the damaged record {Path}: {Reason}")]
    public static partial void DamagedRecord(this ILogger log, string path, string reason);

    [LoggerMessage(3008, LogLevel.Information, "Evicted {Digest}, {Size} bytes, last used {LastUsed:u}")]
    public static partial void Evicted(this ILogger log, Digest digest, long size, DateTimeOffset lastUsed);

    [LoggerMessage(3009, LogLevel.Warning, "The store holds {Total} bytes, {Excess} more than --quota and --free-space allow, and all of them are pinned or in use. Unpin something, or raise the bound")]
    public static partial void OverQuota(this ILogger log, long total, long excess);

    [LoggerMessage(3010, LogLevel.Warning, "Eviction could not be done; it is tried again")]
    public static partial void EvictionFailed(this ILogger log, Exception cause);

    [LoggerMessage(3011, LogLevel.Information, "Dropped {Count} uploads that had no byte for {Hours} hours")]
    public static partial void UploadsExpired(this ILogger log, int count, double hours);

    [LoggerMessage(3013, LogLevel.Debug, "Found {Digest}, {Size} bytes, in containerd's content store")]
    public static partial void Borrowed(this ILogger log, Digest digest, long size);

    [LoggerMessage(3014, LogLevel.Warning, "{Path} has other bytes than its name says; it is left to containerd")]
    public static partial void BorrowedDamaged(this ILogger log, string path);

    [LoggerMessage(3015, LogLevel.Warning, "containerd's content store could not be looked over: {Reason}")]
    public static partial void BorrowingFailed(this ILogger log, string reason);

    [LoggerMessage(3012, LogLevel.Error, "The bytes of {Digest} on disk are no longer those of its name; the file is removed")]
    public static partial void BlobDamaged(this ILogger log, Digest digest);
}
