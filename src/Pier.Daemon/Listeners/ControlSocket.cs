using System.Net.Sockets;
using Pier.Daemon.Hosting;

namespace Pier.Daemon.Listeners;

/// <summary>The Unix socket's file: makes room for it before the start, sets who may use it after, removes it at the end.</summary>
internal static class ControlSocket
{
    /// <summary>Owner and group, as design §1 asks: whoever may use it steers the daemon.</summary>
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>sun_path of unix(7), with its closing zero.</summary>
    private const int MaxPathBytes = 107;

    /// <summary>Makes the folder and removes the socket of a daemon that is no more.</summary>
    /// <exception cref="DaemonStartException">Somebody answers there, or the place cannot be used.</exception>
    public static void Prepare(string path)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(path) > MaxPathBytes)
        {
            throw Unusable(path, $"the path is longer than {MaxPathBytes} bytes", null);
        }
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (!File.Exists(path))
            {
                return;
            }
            if (Answers(path))
            {
                throw new DaemonStartException(
                    ExitCode.PortTaken, $"Another pierd answers on the socket {path}.", "Stop it, or give this one a socket of its own with --socket PATH.");
            }
            File.Delete(path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, refused.Message, refused);
        }
    }

    /// <summary>Opens it to owner and group; until then the process's umask keeps others out.</summary>
    public static void Open(string path) => File.SetUnixFileMode(path, Mode);

    /// <summary>Whether somebody accepts connections there.</summary>
    public static bool Answers(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            // Nobody accepts: the file is what a killed daemon left.
            return false;
        }
    }

    private static DaemonStartException Unusable(string path, string why, Exception? cause) => new(
        ExitCode.PortTaken, $"The control socket {path} cannot be made: {why}.", "Name another place with --socket PATH.", cause);
}
