using System.Globalization;
using System.Runtime.InteropServices;
using Pier.Volumes.Fuse.Protocol;

namespace Pier.Volumes.Fuse.Device;

/// <summary>Mounts and unmounts folders.</summary>
internal static class MountPoint
{
    /// <summary>What <c>/proc/mounts</c> shows as the type.</summary>
    public const string FileSystemType = "fuse.pier";

    /// <summary>The type of what makes a tree writable.</summary>
    public const string OverlayType = "overlay";

    /// <summary>What <c>/proc/mounts</c> shows as the source of our overlays.</summary>
    public const string OverlaySource = "pier";

    /// <summary>The longest read that the kernel asks for, bytes.</summary>
    public const int MaxRead = 1 << 20;

    private const nuint ReadOnlyNoSetuidNoDevices = 1 | 2 | 4;
    private const int Force = 1;
    private const int DetachFlag = 2;

    // The table was asked about one folder: a link that has changed since must not have another unmounted.
    private const int NoFollow = 8;

    /// <summary>Mounts the file system of a device on a folder.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void Mount(FuseDevice device, string folder, string source)
    {
        ArgumentNullException.ThrowIfNull(device);
        var options = string.Create(CultureInfo.InvariantCulture,
            $"fd={device.Handle.DangerousGetHandle()},rootmode=40000,user_id=0,group_id=0,default_permissions,allow_other,max_read={MaxRead}");
        if (Libc.mount(source, folder, FileSystemType, ReadOnlyNoSetuidNoDevices, options) != 0)
        {
            throw Libc.Failed("mount", folder);
        }
    }

    /// <summary>Unmounts what of ours is on a folder; false when somebody uses it, or has mounted something over it.</summary>
    /// <exception cref="IOException">The system refused for another reason.</exception>
    public static bool TryUnmount(string folder)
    {
        var real = RealPath.Of(folder);
        var table = MountedFolders.Now();
        if (table.OursAt(real) is null)
        {
            return true;
        }

        // What is on top goes first, whosever it is.
        if (table.CoverOf(real) is not null)
        {
            return false;
        }

        if (Libc.umount2(real, NoFollow) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() switch
        {
            Errno.Busy => false,
            Errno.InvalidArgument or Errno.NotFound => true,
            _ => throw Libc.Failed("umount", folder),
        };
    }

    /// <summary>
    /// Ends a mount whoever uses it: open files give EIO or ENOTCONN from then on. Quiet when there is none, and where somebody else's lies
    /// over it.
    /// </summary>
    /// <param name="folder">Where it is.</param>
    /// <param name="id">As <see cref="IdOf"/> told: another one at the same place is left alone. Null takes any of ours.</param>
    public static void Abandon(string folder, string? id = null)
    {
        // Force aborts what waits; without it a reader of a dead server could not even be killed.
        if (OnTop(folder) is { IsOurs: true } mount && (id ?? mount.Id) == mount.Id)
        {
            _ = Libc.umount2(mount.Folder, Force | DetachFlag | NoFollow);
        }
    }

    /// <summary>Whether what of ours is on a folder is an overlay.</summary>
    public static bool IsOverlay(string folder) => Ours(folder) is { Type: OverlayType };

    /// <summary>Whether anything is mounted on a folder.</summary>
    public static bool IsMounted(string folder) => OnTop(folder) is not null;

    /// <summary>Unmounts a folder as soon as nobody uses it. Quiet when nothing is mounted there.</summary>
    /// <param name="folder">Where it is mounted.</param>
    /// <param name="id">As for <see cref="Abandon"/>; null takes any.</param>
    public static void Detach(string folder, string? id = null)
    {
        if (OnTop(folder) is { } mount && (id ?? mount.Id) == mount.Id)
        {
            _ = Libc.umount2(mount.Folder, DetachFlag | NoFollow);
        }
    }

    /// <summary>Ends the connection of a mount also where others have bound it elsewhere. Quiet when it is gone.</summary>
    /// <param name="device">As <see cref="DeviceOf"/> told.</param>
    public static void Abort(string device)
    {
        try
        {
            File.WriteAllText($"/sys/fs/fuse/connections/{device[(device.IndexOf(':', StringComparison.Ordinal) + 1)..]}/abort", "1");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // Ended already, or this host does not show its connections.
        }
    }

    /// <summary>The number of the mount's device, as <c>/sys/class/bdi</c> names it; null when what is there is not ours.</summary>
    public static string? DeviceOf(string folder) => Ours(folder) is { Type: FileSystemType } mount ? mount.Device : null;

    /// <summary>The number of our mount on a folder, or of the one on top where none is ours; null when there is none.</summary>
    public static string? IdOf(string folder) => (Ours(folder) ?? OnTop(folder))?.Id;

    /// <summary>What somebody else has mounted over what of ours is on a folder; null for nothing.</summary>
    public static MountedFolder? CoverOf(string folder) => MountedFolders.Now().CoverOf(RealPath.Of(folder));

    /// <summary>
    /// Whether who opens a path, or walks through it, comes to what of ours is on a folder, also where that is bound elsewhere. The path
    /// is taken as it stands: whether its parts are links would be asked of the mounts on it.
    /// </summary>
    public static bool Meets(string path, string folder) => MountedFolders.Now().Meets(path, RealPath.Of(folder));

    /// <summary>Whether a real path lies within what of ours is on a folder, also where that is bound elsewhere, and is not its root.</summary>
    public static bool IsWithin(string path, string folder) => MountedFolders.Now().IsWithin(path, RealPath.Of(folder));

    /// <summary>The path that the kernel knows a path by, without asking what of ours is on some folders: what lies there is taken as it stands.</summary>
    public static string RealPathOutside(string path, IEnumerable<string> folders)
    {
        var table = MountedFolders.Now();
        var closed = folders.Select(folder => table.OursAt(RealPath.Of(folder))?.Device).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return closed.Count == 0 ? RealPath.Of(path) : RealPath.Of(path, at => table.Under(at) is { } mount && closed.Contains(mount.Device));
    }

    /// <summary>Whether a path is another, or below it; both without links.</summary>
    public static bool IsAtOrBelow(string path, string folder) =>
        path.StartsWith(folder, StringComparison.Ordinal) && (path.Length == folder.Length || folder[^1] == '/' || path[folder.Length] == '/');

    /// <summary>The last of our mounts on a folder, though something may lie over it; null when there is none.</summary>
    internal static MountedFolder? Ours(string folder) => MountedFolders.Now().OursAt(RealPath.Of(folder));

    private static MountedFolder? OnTop(string folder) => MountedFolders.Now().OnTop(RealPath.Of(folder));
}
