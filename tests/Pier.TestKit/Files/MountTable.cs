using Pier.TestKit.Processes;

namespace Pier.TestKit.Files;

/// <summary>What is mounted where in this mount namespace, from /proc/self/mountinfo (proc(5)).</summary>
public static class MountTable
{
    /// <summary>The mount points at or below a path, the deepest and latest first.</summary>
    public static IReadOnlyList<string> PointsBelow(string path)
    {
        var prefix = path.TrimEnd('/') + "/";
        return [.. File.ReadLines("/proc/self/mountinfo")
            .Select(line => Unescape(line.Split(' ')[4]))
            .Where(point => point == path || point.StartsWith(prefix, StringComparison.Ordinal))
            .Reverse()];
    }

    /// <summary>Unmounts everything at or below a path; a busy mount is detached and goes when its last user does.</summary>
    /// <exception cref="IOException">A mount would not go.</exception>
    public static async Task UnmountBelowAsync(string path, CancellationToken cancellationToken)
    {
        foreach (var point in PointsBelow(path))
        {
            var result = await Command.RunAsync("umount", ["--lazy", point], cancellationToken);
            if (result.ExitCode != 0 && PointsBelow(path).Contains(point, StringComparer.Ordinal))
            {
                throw new IOException($"umount {point}: {result.Error.Trim()}");
            }
        }
    }

    /// <summary>mountinfo writes space, tab, newline and backslash as three octal digits.</summary>
    private static string Unescape(string field) => field
        .Replace(@"\040", " ", StringComparison.Ordinal)
        .Replace(@"\011", "\t", StringComparison.Ordinal)
        .Replace(@"\012", "\n", StringComparison.Ordinal)
        .Replace(@"\134", @"\", StringComparison.Ordinal);
}
