using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Pier.Content.Contracts;

namespace Pier.Store.Disk;

/// <summary>What <c>lstat</c> says, as far as trees show it; the base library does not tell links, nanoseconds and devices.</summary>
/// <param name="Kind">What it is; null for sockets, pipes and devices, which hold no content.</param>
/// <param name="IsNullDevice">Whether it is the character device 0:0, by which overlayfs says that a name is gone.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Device">Its disk: major and minor number.</param>
/// <param name="Inode">Its number on its disk.</param>
/// <param name="Links">Names it has.</param>
/// <param name="Modified">Nanoseconds since 1970.</param>
public sealed partial record FileStatus(TreeNodeKind? Kind, bool IsNullDevice, int Mode, long Size, ulong Device, ulong Inode, int Links, long Modified)
{
    private const int WorkingFolder = -100;
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const uint BasicStatus = 0x7ff;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Of what has a name now, links not followed.</summary>
    /// <exception cref="IOException">The path is gone, or may not be looked at; carries the errno.</exception>
    public static FileStatus Of(string path) => Read(WorkingFolder, path, NoFollow, path);

    /// <summary>Of what is open, or held by O_PATH, whatever bears its name by now.</summary>
    /// <param name="file">Its descriptor.</param>
    /// <param name="path">How messages call it.</param>
    /// <exception cref="IOException">The system refused; carries the errno.</exception>
    public static FileStatus Of(SafeFileHandle file, string path)
    {
        ArgumentNullException.ThrowIfNull(file);
        var isHeld = false;
        try
        {
            file.DangerousAddRef(ref isHeld);
            return Read((int)file.DangerousGetHandle(), "", EmptyPath, path);
        }
        finally
        {
            if (isHeld)
            {
                file.DangerousRelease();
            }
        }
    }

    /// <summary>Reads it by statx(2), whose layout is the same everywhere.</summary>
    private static unsafe FileStatus Read(int folder, string path, int flags, string shown)
    {
        Span<byte> status = stackalloc byte[256];
        fixed (byte* start = status)
        {
            if (statx(folder, path, flags, BasicStatus, start) != 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                throw new IOException($"statx {shown}: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
            }
        }

        var mode = BinaryPrimitives.ReadUInt16LittleEndian(status[28..]);
        var type = mode >> 12;
        return new FileStatus(
            type switch
            {
                4 => TreeNodeKind.Directory,
                8 => TreeNodeKind.File,
                10 => TreeNodeKind.SymbolicLink,
                _ => null,
            },
            type == 2 && BinaryPrimitives.ReadUInt64LittleEndian(status[128..]) == 0,
            mode & 0xfff,
            BinaryPrimitives.ReadInt64LittleEndian(status[40..]),
            BinaryPrimitives.ReadUInt64LittleEndian(status[136..]),
            BinaryPrimitives.ReadUInt64LittleEndian(status[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(status[16..]),
            (BinaryPrimitives.ReadInt64LittleEndian(status[112..]) * NanosecondsPerSecond) + BinaryPrimitives.ReadUInt32LittleEndian(status[120..]));
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int folder, string path, int flags, uint mask, byte* status);
}
