using Microsoft.Win32.SafeHandles;
using Pier.Content.Contracts;
using Pier.Store.Disk;
using Pier.Volumes.Fuse.Device;

namespace Pier.Volumes.Writing;

/// <summary>What overlayfs means by an entry of its upper layer.</summary>
/// <param name="Kind">What it is; null for devices, pipes and sockets.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">Nanoseconds since 1970.</param>
/// <param name="IsWhiteout">Whether it says that a name below has been removed: a character device 0:0.</param>
/// <param name="IsOpaque">Whether a folder hides what is below it.</param>
internal sealed record UpperStatus(TreeNodeKind? Kind, int Mode, long Size, long Modified, bool IsWhiteout, bool IsOpaque)
{
    private const string OpaqueAttribute = "trusted.overlay.opaque";

    /// <summary>Looks at what is held, whatever bears its name by now.</summary>
    /// <param name="entry">Its descriptor.</param>
    /// <param name="path">The descriptor as a path.</param>
    /// <exception cref="IOException">It may not be looked at.</exception>
    public static UpperStatus Of(SafeFileHandle entry, string path)
    {
        var status = FileStatus.Of(entry, path);
        return new UpperStatus(
            status.Kind, status.Mode, status.Size, status.Modified, status.IsNullDevice,
            status.Kind == TreeNodeKind.Directory && IsSet(Path.Combine(path, ".")));
    }

    private static unsafe bool IsSet(string path)
    {
        byte value = 0;
        return Libc.lgetxattr(path, OpaqueAttribute, &value, 1) == 1 && value == (byte)'y';
    }
}
