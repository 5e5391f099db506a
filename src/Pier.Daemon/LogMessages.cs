using Microsoft.Extensions.Logging;

namespace Pier.Daemon;

/// <summary>What the daemon itself logs: ids 8000-8999.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(8000, LogLevel.Information, "pierd {Version}, state in {State}")]
    public static partial void Starting(this ILogger logger, string version, string state);

    [LoggerMessage(8001, LogLevel.Information, "{Role} on {Address}")]
    public static partial void Listening(this ILogger logger, string role, string address);

    [LoggerMessage(8002, LogLevel.Warning, "{Role} on {Address}: other hosts can reach it")]
    public static partial void ListeningBeyondLoopback(this ILogger logger, string role, string address);

    [LoggerMessage(8003, LogLevel.Information, "ready after {Seconds:0.00} s")]
    public static partial void Ready(this ILogger logger, double seconds);

    [LoggerMessage(8004, LogLevel.Information, "stopping")]
    public static partial void Stopping(this ILogger logger);

    [LoggerMessage(8005, LogLevel.Information, "stopped after {Seconds:0.00} s")]
    public static partial void Stopped(this ILogger logger, double seconds);

    [LoggerMessage(8006, LogLevel.Warning, "this host has no {Address}; {Role} does not listen there")]
    public static partial void AddressMissing(this ILogger logger, string role, string address);

    [LoggerMessage(8007, LogLevel.Warning, "systemd's socket {Socket} did not take the notification")]
    public static partial void NotifyFailed(this ILogger logger, string socket, Exception cause);

    [LoggerMessage(8010, LogLevel.Debug, "refused {Method} {Path}: Host '{Host}' is not this node's")]
    public static partial void ForeignHost(this ILogger logger, string method, string path, string host);

    [LoggerMessage(8011, LogLevel.Information, "refused {Method} {Path} on the control port: {Reason}")]
    public static partial void UnsafeRefused(this ILogger logger, string method, string path, string reason);

    [LoggerMessage(8012, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFailed(this ILogger logger, string method, string path, Exception cause);

    [LoggerMessage(8013, LogLevel.Debug, "{Method} {Path}: {Code}: {Reason}")]
    public static partial void RequestRefused(this ILogger logger, string method, string path, string code, string reason);

    [LoggerMessage(8020, LogLevel.Warning, "the seed {Path} is ignored: {Reason}")]
    public static partial void SeedDamaged(this ILogger logger, string path, string reason, Exception? cause);

    [LoggerMessage(8021, LogLevel.Information, "seeding {Path} as {Torrent}")]
    public static partial void SeedAdded(this ILogger logger, string path, string torrent);

    [LoggerMessage(8022, LogLevel.Warning, "{Path} is not seeded: {Problem}")]
    public static partial void SeedChanged(this ILogger logger, string path, string problem);

    [LoggerMessage(8023, LogLevel.Information, "seeding {Count} files and folders again")]
    public static partial void SeedsResumed(this ILogger logger, int count);

    [LoggerMessage(8025, LogLevel.Information, "{Image} is here as {Digest}")]
    public static partial void WarmedUp(this ILogger logger, string image, string digest);

    [LoggerMessage(8026, LogLevel.Warning, "{Image} could not be pulled ahead: {Reason}")]
    public static partial void NotWarmedUp(this ILogger logger, string image, string reason);

    [LoggerMessage(8027, LogLevel.Warning, "the list of images to pull ahead was passed over: {Reason}")]
    public static partial void WarmUpUnreadable(this ILogger logger, string reason);

    [LoggerMessage(8038, LogLevel.Information, "the registry serves {Name}@{Digest}")]
    public static partial void ImageShipped(this ILogger logger, string name, string digest);

    [LoggerMessage(8039, LogLevel.Warning, "the registry does not serve {Name}: {Reason}")]
    public static partial void ImageNotShipped(this ILogger logger, string name, string reason);

    [LoggerMessage(8030, LogLevel.Warning, "the download folder {Folder} could not be removed: {Reason}")]
    public static partial void DownloadNotRemoved(this ILogger logger, string folder, string reason);

    [LoggerMessage(8028, LogLevel.Information, "another pierd is this host's node: this one serves volumes only")]
    public static partial void VolumesOnly(this ILogger logger);

    [LoggerMessage(8031, LogLevel.Information, "watching the containers of {Socket}: {Count} have data to serve")]
    public static partial void ContainersWatched(this ILogger logger, string socket, int count);

    [LoggerMessage(8032, LogLevel.Warning, "the engine at {Socket} has gone: {Reason}")]
    public static partial void EngineGone(this ILogger logger, string socket, string reason);

    [LoggerMessage(8033, LogLevel.Information, "seeding {Path} on behalf of container {Container} as {Torrent}")]
    public static partial void DataServed(this ILogger logger, string path, string container, string torrent);

    [LoggerMessage(8034, LogLevel.Information, "{Path} of container {Container} is served no more")]
    public static partial void DataEnded(this ILogger logger, string path, string container);

    [LoggerMessage(8035, LogLevel.Warning, "{Path} of container {Container} is not served: {Reason}")]
    public static partial void DataRefused(this ILogger logger, string path, string container, string reason);

    [LoggerMessage(8036, LogLevel.Warning, "{Path} of container {Container} is not what it was: {Reason}")]
    public static partial void DataChanged(this ILogger logger, string path, string container, string reason);

    [LoggerMessage(8037, LogLevel.Information, "the files of container {Container} cannot be read, what it serves can only come out of the store: {Reason}")]
    public static partial void RootClosed(this ILogger logger, string container, string reason);

    [LoggerMessage(8040, LogLevel.Error, "seeding on behalf of containers: a step failed")]
    public static partial void SeedingFailed(this ILogger logger, Exception failure);

    [LoggerMessage(8041, LogLevel.Error, "{Path} of container {Container} is not served: a fault of this program")]
    public static partial void ProofFailed(this ILogger logger, Exception failure, string path, string container);

    [LoggerMessage(8024, LogLevel.Warning, "this daemon is no volume driver: {Problem}")]
    public static partial void NoDriver(this ILogger logger, string problem);
}
