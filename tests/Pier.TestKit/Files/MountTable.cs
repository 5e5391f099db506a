using Pier.TestKit.Processes;

namespace Pier.TestKit.Files;

/// <summary>What is mounted where in this mount namespace, from /proc/self/mountinfo (proc(5)).</summary>
public static class MountTable
{
    /// <summary>The mount points at or below a path, the deepest and latest first.</summary>
    public static IReadOnlyList<string> PointsBelow(string path) => [.. Below(path).Select(mount => mount.Point)];

    /// <summary>The same, of each with the numbers of the mount and of its device: another mount at the same place has others.</summary>
    public static IReadOnlyList<string> MountsBelow(string path) => [.. Below(path).Select(mount => $"{mount.Point} {mount.Id} {mount.Device}")];

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

    private static IEnumerable<(string Id, string Device, string Point)> Below(string path)
    {
        var prefix = path.TrimEnd('/') + "/";
        return File.ReadLines("/proc/self/mountinfo")
            .Select(line => line.Split(' '))
            .Select(fields => (Id: fields[0], Device: fields[2], Point: Unescape(fields[4])))
            .Where(mount => mount.Point == path || mount.Point.StartsWith(prefix, StringComparison.Ordinal))
            .Reverse();
    }

    /// <summary>mountinfo writes space, tab, newline and backslash as three octal digits.</summary>
    private static string Unescape(string field) => field
        .Replace(@"\040", " ", StringComparison.Ordinal)
        .Replace(@"\011", "\t", StringComparison.Ordinal)
        .Replace(@"\012", "\n", StringComparison.Ordinal)
        .Replace(@"\134", @"\", StringComparison.Ordinal);
}
