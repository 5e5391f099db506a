namespace Pier.Daemon.Hosting;

/// <summary>How <c>pierd</c> ends (docs/configuration.md, "Exit codes").</summary>
internal static class ExitCode
{
    /// <summary>Stopped by request.</summary>
    public const int Stopped = 0;

    /// <summary>A fault; the log's last lines say which.</summary>
    public const int Failed = 1;

    /// <summary>A flag or the configuration file is wrong.</summary>
    public const int Configuration = 2;

    /// <summary>A port or the socket is taken or may not be opened.</summary>
    public const int PortTaken = 3;

    /// <summary>The state folder cannot be read or written.</summary>
    public const int StateUnusable = 4;

    /// <summary>Another pierd works on the state folder.</summary>
    public const int StateInUse = 5;

    /// <summary>The cluster did not let this node in.</summary>
    public const int JoinRefused = 6;
}
