using Pier.Api.Errors;

namespace Pier.Cli;

/// <summary>How <c>pier</c> ends; scripts decide by it (docs/cli.md, "Exit codes").</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Failed for another reason than those below.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>No daemon answers.</summary>
    public const int DaemonUnreachable = 3;

    /// <summary>No such image, blob, seed or file.</summary>
    public const int NotFound = 4;

    /// <summary>Credentials or policy forbid it.</summary>
    public const int Denied = 5;

    /// <summary>No source could be reached.</summary>
    public const int Unavailable = 6;

    /// <summary>It is pinned, in use, or there already.</summary>
    public const int Conflict = 7;

    /// <summary>Interrupted from the keyboard: 128 + SIGINT, as shells count.</summary>
    public const int Interrupted = 130;

    /// <summary>The exit code that goes with an error code of the daemon.</summary>
    public static int For(string errorCode) => errorCode switch
    {
        ApiErrorCodes.BadRequest => Usage,
        ApiErrorCodes.NotFound => NotFound,
        ApiErrorCodes.Denied or ApiErrorCodes.TokenRequired => Denied,
        ApiErrorCodes.Unavailable => Unavailable,
        ApiErrorCodes.Conflict => Conflict,
        _ => Failed,
    };
}
