using System.Net.Sockets;

namespace Pier.Daemon.Listeners;

/// <summary>
/// The socket at which engines look for the volume driver. It has one place on a host: a daemon that finds another there
/// leaves it alone.
/// </summary>
internal static class DriverSocket
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes room for it.</summary>
    /// <returns>Null, or why it cannot be had and what to do.</returns>
    public static string? Prepare(string? path)
    {
        if (path is null)
        {
            return null;
        }
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (File.Exists(path) && ControlSocket.Answers(path))
            {
                return $"another daemon answers at {path}";
            }
            File.Delete(path);
            Try(path);
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or SocketException or ArgumentException)
        {
            return $"{path} cannot be made: {refused.Message}. Let pierd write to {Path.GetDirectoryName(path)}, "
                + $"or name another place with --volume-driver PATH, where engines find it by a file /etc/docker/plugins/pier.spec that says unix://PATH; --volume-driver off does without";
        }
    }

    /// <summary>Closes it to all but the owner: whoever may use it mounts.</summary>
    public static void Close(string path) => File.SetUnixFileMode(path, OwnerOnly);

    /// <summary>Does what the web server will, for which a refusal would be the end.</summary>
    private static void Try(string path)
    {
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
        }
        File.Delete(path);
    }
}
