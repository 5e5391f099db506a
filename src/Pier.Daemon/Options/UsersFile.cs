using Pier.Content.Passwords;

namespace Pier.Daemon.Options;

/// <summary>The file with the users of the registry, as <c>pier user</c> writes it: <c>NAME:HASH</c> a line, empty lines and lines that start with <c>#</c> aside.</summary>
internal static class UsersFile
{
    private const int MaxBytes = 1 << 20;

    /// <summary>Reads the users.</summary>
    /// <exception cref="ConfigurationException">It cannot be read, everybody can read it, or a line is none; no password is repeated.</exception>
    public static IReadOnlyDictionary<string, PasswordHash> Read(string path)
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
                throw new ConfigurationException($"users: everybody on this host can read {path}. Take that away: chmod o-rwx {path}");
            }
            lines = File.ReadAllLines(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"users: {path} cannot be read: {unreadable.Message}", unreadable);
        }
        var users = new Dictionary<string, PasswordHash>(StringComparer.Ordinal);
        for (var number = 1; number <= lines.Length; number++)
        {
            var line = lines[number - 1];
            if (!UserLine.IsOne(line))
            {
                continue;
            }
            if (UserLine.TryParse(line) is not { } user)
            {
                throw new ConfigurationException(
                    $"users: line {number} of {path} is not NAME:HASH. Passwords are not kept in the clear; write the line with: pier user add NAME --file {path}");
            }
            if (!users.TryAdd(user.Name, user.Password))
            {
                throw new ConfigurationException($"users: line {number} of {path} names {user.Name} for the second time.");
            }
        }
        return users.Count > 0 ? users : throw new ConfigurationException($"users: {path} holds no user; remove the setting to ask nobody for a name.");
    }
}
