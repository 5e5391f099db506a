namespace Pier.Api;

/// <summary>Where daemon and CLI meet when nobody says otherwise.</summary>
public static class DefaultPaths
{
    /// <summary>The socket of a daemon that runs as root.</summary>
    public const string SystemSocket = "/run/pier/pier.sock";

    /// <summary>The state folder of a daemon that runs as root.</summary>
    public const string SystemState = "/var/lib/pier";

    /// <summary>The socket of a daemon that this user starts (XDG Base Directory, <c>XDG_RUNTIME_DIR</c>).</summary>
    public static string Socket =>
        Environment.IsPrivilegedProcess ? SystemSocket : UserSocket ?? SystemSocket;

    /// <summary>The state folder of a daemon that this user starts (XDG Base Directory, <c>XDG_STATE_HOME</c>).</summary>
    public static string State =>
        Environment.IsPrivilegedProcess ? SystemState : Path.Combine(StateHome, "pier");

    /// <summary>The socket the CLI uses: <c>PIER_SOCKET</c>, else the user's own daemon when its socket is there, else the system's.</summary>
    public static string SocketForClient =>
        Environment.GetEnvironmentVariable("PIER_SOCKET") is { Length: > 0 } named ? named
        : !Environment.IsPrivilegedProcess && UserSocket is { } own && File.Exists(own) ? own
        : SystemSocket;

    private static string? UserSocket =>
        Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } folder ? Path.Combine(folder, "pier", "pier.sock") : null;

    private static string StateHome =>
        Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } folder
            ? folder
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
}
