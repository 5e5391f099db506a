namespace Pier.Volumes.Fuse.Device;

/// <summary>A line of a mount table (proc_pid_mountinfo(5)).</summary>
/// <param name="Id">The mount's number; given out again once it is free.</param>
/// <param name="Parent">The number of the mount that it lies on.</param>
/// <param name="Device">Of the file system: <c>major:minor</c>.</param>
/// <param name="Root">Which folder of the file system is shown.</param>
/// <param name="Folder">Where, as the processes of the table see it.</param>
/// <param name="IsPropagated">Whether what is mounted and unmounted on it elsewhere is so here, or the other way round.</param>
/// <param name="Type">The file system's type.</param>
/// <param name="Source">What it was mounted from.</param>
internal sealed record MountedFolder(string Id, string Parent, string Device, string Root, string Folder, bool IsPropagated, string Type, string Source)
{
    private const int Optional = 6;

    /// <summary>Whether we mounted it.</summary>
    public bool IsOurs => Type == MountPoint.FileSystemType || (Type == MountPoint.OverlayType && Source == MountPoint.OverlaySource);

    /// <summary>Reads a table, in the order of mounting.</summary>
    /// <exception cref="IOException">Its process is gone.</exception>
    /// <exception cref="UnauthorizedAccessException">It is not ours to read.</exception>
    public static IEnumerable<MountedFolder> Read(string table) =>
        from line in File.ReadLines(table)
        let fields = line.Split(' ')
        let dash = Array.IndexOf(fields, "-", Math.Min(Optional, fields.Length))
        where dash > 0 && dash + 1 < fields.Length
        select new MountedFolder(
            fields[0], fields[1], fields[2], Unescape(fields[3]), Unescape(fields[4]),
            fields[Optional..dash].Any(static field => field.StartsWith("shared:", StringComparison.Ordinal) || field.StartsWith("master:", StringComparison.Ordinal)),
            fields[dash + 1], fields[Math.Min(dash + 2, fields.Length - 1)]);

    private static string Unescape(string text) => text
        .Replace("\\040", " ", StringComparison.Ordinal)
        .Replace("\\011", "\t", StringComparison.Ordinal)
        .Replace("\\012", "\n", StringComparison.Ordinal)
        .Replace("\\134", "\\", StringComparison.Ordinal);
}
