namespace Pier.Daemon.Listeners;

/// <summary>
/// The socket at which engines look for the volume driver. It has one place on a host: a daemon that finds another there
/// leaves it alone.
/// </summary>
internal static class DriverSocket
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes room for it.</summary>
    /// <returns>Null, or why it cannot be had.</returns>
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
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return $"{path} cannot be made: {refused.Message}";
        }
    }

    /// <summary>Closes it to all but the owner: whoever may use it mounts.</summary>
    public static void Close(string path) => File.SetUnixFileMode(path, OwnerOnly);
}
