namespace Pier.Daemon.Hosting;

/// <summary>The daemon cannot start; says why, what to do, and with which code the process ends.</summary>
internal sealed class DaemonStartException(int exitCode, string message, string hint, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>One of <see cref="Hosting.ExitCode"/>.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>What to do about it.</summary>
    public string Hint { get; } = hint;
}
