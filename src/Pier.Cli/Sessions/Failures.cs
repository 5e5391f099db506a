using System.Text.Json;
using Pier.Api;
using Pier.Api.Errors;
using Pier.BitTorrent;
using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Torrents;
using Pier.Cli.Output;
using Pier.Engines;

namespace Pier.Cli.Sessions;

/// <summary>Tells a failed command's reason once, at the edge, and chooses the exit code.</summary>
internal static class Failures
{
    /// <summary>Writes the reason and returns the exit code; false for a fault that is the program's own.</summary>
    public static bool TryTell(Exception failure, bool json, TextWriter output, TextWriter error, out int exitCode)
    {
        (exitCode, var told) = failure switch
        {
            ApiException refused => (ExitCode.For(refused.Error.Code), refused.Error),
            DaemonUnreachableException unreachable => (ExitCode.DaemonUnreachable, new ApiError("daemon_unreachable", unreachable.Message, unreachable.Hint)),
            CommandException command => (command.ExitCode, new ApiError(ApiErrorCodes.BadRequest, command.Message, command.Hint)),
            EngineException engine => (ExitCode.Failed, new ApiError("failed", engine.Message, engine.Hint)),
            HttpIOException => (ExitCode.DaemonUnreachable, new ApiError(
                "daemon_unreachable", "The connection to pierd broke before the answer was complete.",
                "The daemon stopped or failed in the middle; its log says more (journalctl -u pierd). Then run the command again.")),
            FileNotFoundException or DirectoryNotFoundException => (ExitCode.NotFound, new ApiError(ApiErrorCodes.NotFound, failure.Message)),
            UnauthorizedAccessException => (ExitCode.Denied, new ApiError(ApiErrorCodes.Denied, failure.Message)),
            MetainfoException or MagnetException => (ExitCode.Usage, new ApiError(ApiErrorCodes.BadRequest, failure.Message)),
            BitTorrentException or IOException or JsonException => (ExitCode.Failed, new ApiError("failed", failure.Message)),
            _ => (ExitCode.Failed, null),
        };
        if (told is null)
        {
            return false;
        }
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(told, ApiJson.Default.ApiError));
        }
        else
        {
            error.WriteLine($"pier: {PlainText.OfLines(told.Message)}");
            if (told.Hint is not null)
            {
                error.WriteLine($"  → {PlainText.OfLines(told.Hint)}");
            }
        }
        return true;
    }
}

/// <summary>A command's result has told what is wrong; only the exit code is to say so too.</summary>
internal sealed class QuietFailure(string message) : Exception(message);

/// <summary>A command cannot do what was asked, for a reason found on this side of the socket.</summary>
internal sealed class CommandException(int exitCode, string message, string? hint = null) : Exception(message)
{
    /// <summary>How the process ends.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>What to do.</summary>
    public string? Hint { get; } = hint;
}
