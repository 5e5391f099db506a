namespace Pier.Daemon.Options;

/// <summary>The file with the users of the registry: <c>NAME:PASSWORD</c> a line, empty lines and lines that start with <c>#</c> aside.</summary>
internal static class UsersFile
{
    private const int MaxBytes = 1 << 20;
    private const int MinPassword = 8;

    /// <summary>Reads the users.</summary>
    /// <exception cref="ConfigurationException">It cannot be read, everybody can read it, or a line is none; no password is repeated.</exception>
    public static IReadOnlyDictionary<string, string> Read(string path)
    {
        string[] lines;
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw new ConfigurationException($"users: {path} has more than {MaxBytes} bytes.");
            }
            if (File.GetUnixFileMode(path).HasFlag(UnixFileMode.OtherRead))
            {
                throw new ConfigurationException($"users: everybody on this host can read the passwords in {path}. Take that away: chmod o-rwx {path}");
            }
            lines = File.ReadAllLines(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"users: {path} cannot be read: {unreadable.Message}", unreadable);
        }
        var users = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var number = 1; number <= lines.Length; number++)
        {
            var line = lines[number - 1];
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || line.Length - colon - 1 < MinPassword)
            {
                throw new ConfigurationException($"users: line {number} of {path} is not NAME:PASSWORD with a password of {MinPassword} characters or more.");
            }
            if (!users.TryAdd(line[..colon], line[(colon + 1)..]))
            {
                throw new ConfigurationException($"users: line {number} of {path} names {line[..colon]} for the second time.");
            }
        }
        return users.Count > 0 ? users : throw new ConfigurationException($"users: {path} holds no user; remove the setting to ask nobody for a name.");
    }
}
