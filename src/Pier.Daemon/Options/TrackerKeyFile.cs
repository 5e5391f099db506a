using Pier.BitTorrent.Tracking;

namespace Pier.Daemon.Options;

/// <summary>The file with the keys of the embedded tracker: one a line, empty lines and lines that start with <c>#</c> aside.</summary>
internal static class TrackerKeyFile
{
    private const int MaxKeys = 1000;
    private const int MaxBytes = MaxKeys * (AnnounceKeys.MaxLength + 2);

    /// <summary>Reads the keys.</summary>
    /// <exception cref="ConfigurationException">It cannot be read, or a line is no key; its text is not repeated.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        string[] lines;
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw new ConfigurationException($"trackerKeyFile: {path} has more than {MaxBytes} bytes; it holds one key a line, {MaxKeys} at most.");
            }
            lines = File.ReadAllLines(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"trackerKeyFile: {path} cannot be read: {unreadable.Message}", unreadable);
        }
        var keys = new List<string>();
        for (var number = 1; number <= lines.Length; number++)
        {
            var line = lines[number - 1].Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }
            if (!AnnounceKeys.IsKey(line))
            {
                throw new ConfigurationException(
                    $"trackerKeyFile: line {number} of {path} is no key; a key has {AnnounceKeys.MinLength} to {AnnounceKeys.MaxLength} letters, digits, - and _, for example from 'openssl rand -hex 16'.");
            }
            keys.Add(line);
        }
        return keys.Count > 0 ? keys : throw new ConfigurationException($"trackerKeyFile: {path} holds no key; remove the setting to open the tracker to all.");
    }
}
