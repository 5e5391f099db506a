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

    /// <summary>Unmounts a folder; false when somebody uses it.</summary>
    /// <exception cref="IOException">The system refused for another reason.</exception>
    public static bool TryUnmount(string folder)
    {
        if (Libc.umount2(RealPath.Of(folder), NoFollow) == 0)
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

    /// <summary>Ends a mount whoever uses it: open files give EIO or ENOTCONN from then on. Quiet when there is none.</summary>
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

    /// <summary>Whether one of our overlays is on top of a folder.</summary>
    public static bool IsOverlay(string folder) => OnTop(folder) is { IsOurs: true, Type: OverlayType };

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

    /// <summary>The number of the mount's device, as <c>/sys/class/bdi</c> names it; null when what is on top there is not ours.</summary>
    public static string? DeviceOf(string folder) =>
        OnTop(folder) is { Type: FileSystemType } mount ? mount.Device : null;

    /// <summary>The number of the mount that is on top of a folder; null when there is none.</summary>
    public static string? IdOf(string folder) => OnTop(folder)?.Id;

    /// <summary>
    /// Whether who opens a path, or walks through it, comes to what of ours is on top of a folder, also where that is bound elsewhere. The path
    /// is taken as it stands: whether its parts are links would be asked of the mounts on it.
    /// </summary>
    public static bool Meets(string path, string folder)
    {
        if (OnTop(folder) is not { IsOurs: true } mount)
        {
            return false;
        }

        MountedFolder[] all = [.. All()];
        return all.Any(other => other.Device == mount.Device && IsAtOrBelow(other.Folder, path))
            || Top(all, path)?.Device == mount.Device;
    }

    /// <summary>Whether a real path lies within what of ours is on top of a folder, also where that is bound elsewhere, and is not its root.</summary>
    public static bool IsWithin(string path, string folder) =>
        OnTop(folder) is { IsOurs: true } mount && Top(All(), path) is { } top && top.Device == mount.Device && top.Folder != path;

    /// <summary>The path that the kernel knows a path by, without asking what of ours is on top of some folders: what lies there is taken as it stands.</summary>
    public static string RealPathOutside(string path, IEnumerable<string> folders)
    {
        MountedFolder[] all = [.. All()];
        var closed = folders.Select(OnTop).OfType<MountedFolder>().Where(mount => mount.IsOurs).Select(mount => mount.Device).ToHashSet(StringComparer.Ordinal);
        return closed.Count == 0 ? RealPath.Of(path) : RealPath.Of(path, at => Top(all, at) is { } mount && closed.Contains(mount.Device));
    }

    /// <summary>Whether a path is another, or below it; both without links.</summary>
    public static bool IsAtOrBelow(string path, string folder) =>
        path.StartsWith(folder, StringComparison.Ordinal) && (path.Length == folder.Length || folder[^1] == '/' || path[folder.Length] == '/');

    /// <summary>The mount that is on top of a folder; null when there is none.</summary>
    internal static MountedFolder? OnTop(string folder)
    {
        // The table has real paths.
        var real = RealPath.Of(folder);
        return All().LastOrDefault(mount => mount.Folder == real);
    }

    /// <summary>The mount that a path without links lies on.</summary>
    private static MountedFolder? Top(IEnumerable<MountedFolder> all, string path) =>
        all.Where(mount => IsAtOrBelow(path, mount.Folder)).OrderBy(mount => mount.Folder.Length).LastOrDefault();

    private static IEnumerable<MountedFolder> All() => MountedFolder.Read("/proc/self/mountinfo");
}
