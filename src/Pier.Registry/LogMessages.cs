using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Pier.Registry;

/// <summary>What the registry door says; ids 6000-6999.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(6000, LogLevel.Debug, "{Method} {Path}: the client left")]
    public static partial void ClientLeft(this ILogger log, string method, PathString path);

    [LoggerMessage(6001, LogLevel.Warning, "{Method} {Path}: the body broke off")]
    public static partial void BodyBroken(this ILogger log, string method, PathString path, Exception cause);

    [LoggerMessage(6002, LogLevel.Information, "{Method} {Path}: {Status} {Code}: {Reason}")]
    public static partial void Refused(this ILogger log, string method, PathString path, int status, string code, string reason);

    [LoggerMessage(6004, LogLevel.Information, "{Method} {Path} ns={Registry}: {Status}, {Bytes} bytes in {Milliseconds} ms, {Client} {Agent}")]
    public static partial void Answered(
        this ILogger log, string method, string path, string registry, int status, long bytes, double milliseconds, string client, string agent);

    [LoggerMessage(6003, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void Failed(this ILogger log, string method, PathString path, Exception cause);
}
