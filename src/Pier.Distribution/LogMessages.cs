using Microsoft.Extensions.Logging;

namespace Pier.Distribution;

/// <summary>What this room logs; ids 4000-4999. Neither secrets nor query strings, which may carry signatures.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(4000, LogLevel.Debug, "{Method} {Endpoint} {Resource}: {Status}.")]
    public static partial void Answered(this ILogger logger, string method, string endpoint, string resource, int status);

    [LoggerMessage(4001, LogLevel.Debug, "{Endpoint} sends {Resource} from {Host}.")]
    public static partial void Redirected(this ILogger logger, string endpoint, string resource, string host);

    [LoggerMessage(4002, LogLevel.Debug, "Token for {Repository} from {Host}, anonymous: {Anonymous}.")]
    public static partial void TokenReceived(this ILogger logger, string repository, string host, bool anonymous);

    [LoggerMessage(4003, LogLevel.Warning, "No credentials for {Registry}, asking without: {Fault}")]
    public static partial void CredentialsUnreadable(this ILogger logger, string registry, string fault);

    [LoggerMessage(4004, LogLevel.Information, "{Endpoint} failed, asking the next address of {Registry}: {Reason}")]
    public static partial void NextEndpoint(this ILogger logger, string endpoint, string registry, string reason);

    [LoggerMessage(4005, LogLevel.Warning, "{What}: {Seconds} s without a byte, {Received} received.")]
    public static partial void Stalled(this ILogger logger, string what, double seconds, long received);

    [LoggerMessage(4006, LogLevel.Warning, "Certificates of {Registry} are not checked: skipVerify is set.")]
    public static partial void NotVerified(this ILogger logger, string registry);

    [LoggerMessage(4007, LogLevel.Debug, "{What} was refused, and the reason could not be read: {Fault}")]
    public static partial void RefusalUnexplained(this ILogger logger, string what, string fault);
}
