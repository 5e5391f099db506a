namespace Pier.Volumes.Fuse.Device;

/// <summary>
/// What is mounted where at one moment. Several mounts may lie on one folder, one over the other: who goes there comes to the last. All
/// folders and paths are without links.
/// </summary>
/// <param name="mounts">In the order of mounting.</param>
internal sealed class MountedFolders(IEnumerable<MountedFolder> mounts)
{
    private readonly MountedFolder[] _all = [.. mounts];

    /// <summary>What is mounted for this process now.</summary>
    public static MountedFolders Now() => new(MountedFolder.Read("/proc/self/mountinfo"));

    /// <summary>The mount that who goes to a folder comes to; null when none is on it.</summary>
    public MountedFolder? OnTop(string folder) => Array.FindLast(_all, mount => mount.Folder == folder);

    /// <summary>The last of our mounts on a folder, also beneath those of others; null when there is none.</summary>
    public MountedFolder? OursAt(string folder) => Array.FindLast(_all, mount => mount.Folder == folder && mount.IsOurs);

    /// <summary>What somebody else has mounted over ours; null when ours is on top, or there is none.</summary>
    public MountedFolder? CoverOf(string folder) => OursAt(folder) is not null && OnTop(folder) is { IsOurs: false } cover ? cover : null;

    /// <summary>The mount that a path lies on.</summary>
    public MountedFolder? Under(string path) => _all.Where(mount => MountPoint.IsAtOrBelow(path, mount.Folder)).OrderBy(mount => mount.Folder.Length).LastOrDefault();

    /// <summary>Whether who opens a path, or walks through it, comes to what of ours is on a folder, also where that is bound elsewhere.</summary>
    public bool Meets(string path, string folder) => OursAt(folder) is { } mount
        && (Under(path)?.Device == mount.Device
            || _all.Any(other => other.Device == mount.Device && MountPoint.IsAtOrBelow(other.Folder, path) && OnTop(other.Folder)!.Device == mount.Device));

    /// <summary>Whether a path lies within what of ours is on a folder, also where that is bound elsewhere, and is not its root.</summary>
    public bool IsWithin(string path, string folder) =>
        OursAt(folder) is { } mount && Under(path) is { } under && under.Device == mount.Device && under.Folder != path;
}
