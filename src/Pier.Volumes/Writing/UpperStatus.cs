using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Pier.Content.Contracts;
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
    private const int EmptyPath = 0x1000;
    private const uint BasicStatus = 0x7ff;
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const string OpaqueAttribute = "trusted.overlay.opaque";

    /// <summary>Looks at what is held, whatever bears its name by now (statx(2), whose layout is the same everywhere).</summary>
    /// <param name="entry">Its descriptor.</param>
    /// <param name="path">The descriptor as a path.</param>
    /// <exception cref="IOException">It may not be looked at.</exception>
    public static unsafe UpperStatus Of(SafeFileHandle entry, string path)
    {
        Span<byte> status = stackalloc byte[256];
        fixed (byte* start = status)
        {
            if (Libc.statx((int)entry.DangerousGetHandle(), "", EmptyPath, BasicStatus, start) != 0)
            {
                throw Libc.Failed("statx", path);
            }
        }

        var mode = BinaryPrimitives.ReadUInt16LittleEndian(status[28..]);
        var type = mode >> 12;
        return new UpperStatus(
            type switch
            {
                4 => TreeNodeKind.Directory,
                8 => TreeNodeKind.File,
                10 => TreeNodeKind.SymbolicLink,
                _ => null,
            },
            mode & 0xfff,
            BinaryPrimitives.ReadInt64LittleEndian(status[40..]),
            (BinaryPrimitives.ReadInt64LittleEndian(status[112..]) * NanosecondsPerSecond) + BinaryPrimitives.ReadUInt32LittleEndian(status[120..]),
            type == 2 && BinaryPrimitives.ReadUInt64LittleEndian(status[128..]) == 0,
            type == 4 && IsSet(Path.Combine(path, ".")));
    }

    private static unsafe bool IsSet(string path)
    {
        byte value = 0;
        return Libc.lgetxattr(path, OpaqueAttribute, &value, 1) == 1 && value == (byte)'y';
    }
}
