using Microsoft.Extensions.Logging;

namespace Pier.Volumes;

/// <summary>What volumes log; ids 9000 to 9999.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(9000, LogLevel.Warning, "The kernel sent a request of {Length} bytes that is none")]
    public static partial void BadRequest(ILogger log, int length);

    [LoggerMessage(9001, LogLevel.Warning, "{Folder}: a read of node {Node} failed: {Reason}")]
    public static partial void RequestFailed(ILogger log, string folder, ulong node, string reason);

    [LoggerMessage(9002, LogLevel.Error, "{Folder}: {Reason}")]
    public static partial void DeviceBroke(ILogger log, string folder, string reason);

    [LoggerMessage(9003, LogLevel.Debug, "{Folder}: the kernel reads ahead by its default: {Reason}")]
    public static partial void ReadAheadStays(ILogger log, string folder, string reason);

    [LoggerMessage(9004, LogLevel.Warning, "{Folder}: unmounted, but requests are still being answered")]
    public static partial void ServersLinger(ILogger log, string folder);

    [LoggerMessage(9010, LogLevel.Warning, "{Path} is left alone: {Reason}")]
    public static partial void VolumeDamaged(ILogger log, string path, string reason);

    [LoggerMessage(9011, LogLevel.Warning, "The volume {Name} has no content: {Reason}")]
    public static partial void VolumeUnavailable(ILogger log, string name, string reason);

    [LoggerMessage(9012, LogLevel.Error, "The volume {Name}, which was mounted when the daemon ended, could not be mounted again: {Reason}")]
    public static partial void VolumeNotRecovered(ILogger log, string name, string reason);

    [LoggerMessage(9005, LogLevel.Warning, "Mounts are not kept over an end of the daemon any more: {Reason}")]
    public static partial void KeeperLost(ILogger log, string reason);

    [LoggerMessage(9006, LogLevel.Information, "{Folder} was kept mounted and is served again")]
    public static partial void MountResumed(ILogger log, string folder);

    [LoggerMessage(9007, LogLevel.Warning, "{Folder}: who has files open is not known ({Reason}); they end with this mount")]
    public static partial void HandlesUnknown(ILogger log, string folder, string reason);

    [LoggerMessage(9014, LogLevel.Information, "A torrent was looked up in vain: {Reason}")]
    public static partial void LookUpFailed(ILogger log, string reason);

    [LoggerMessage(9015, LogLevel.Warning, "The torrent {Name} is used no more, but not all of it could be removed: {Reason}")]
    public static partial void ForgettingFailed(ILogger log, string name, string reason);

    [LoggerMessage(9016, LogLevel.Information, "{Folder} is removed: a snapshot that was never published")]
    public static partial void SnapshotSwept(ILogger log, string folder);

    [LoggerMessage(9013, LogLevel.Information, "{Request} of the engine is refused: {Reason}")]
    public static partial void EngineRefused(ILogger log, string request, string reason);
}
