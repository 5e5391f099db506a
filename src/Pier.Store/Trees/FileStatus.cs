using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Pier.Content.Contracts;

namespace Pier.Store.Trees;

/// <summary>What <c>lstat</c> says of a path, as far as trees show it; the base library does not tell links and nanoseconds.</summary>
/// <param name="Kind">What it is; null for sockets, pipes and devices, which hold no content.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Inode">Its number on its disk.</param>
/// <param name="Links">Names it has.</param>
/// <param name="Modified">Nanoseconds since 1970.</param>
internal sealed partial record FileStatus(TreeNodeKind? Kind, int Mode, long Size, ulong Inode, int Links, long Modified)
{
    private const int WorkingFolder = -100;
    private const int NoFollow = 0x100;
    private const uint BasicStatus = 0x7ff;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Reads it by statx(2), whose layout is the same everywhere.</summary>
    /// <exception cref="IOException">The path is gone, or may not be looked at.</exception>
    public static unsafe FileStatus Of(string path)
    {
        Span<byte> status = stackalloc byte[256];
        fixed (byte* start = status)
        {
            if (statx(WorkingFolder, path, NoFollow, BasicStatus, start) != 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                throw new IOException($"statx {path}: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
            }
        }

        var mode = BinaryPrimitives.ReadUInt16LittleEndian(status[28..]);
        return new FileStatus(
            (mode >> 12) switch
            {
                4 => TreeNodeKind.Directory,
                8 => TreeNodeKind.File,
                10 => TreeNodeKind.SymbolicLink,
                _ => null,
            },
            mode & 0xfff,
            BinaryPrimitives.ReadInt64LittleEndian(status[40..]),
            BinaryPrimitives.ReadUInt64LittleEndian(status[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(status[16..]),
            (BinaryPrimitives.ReadInt64LittleEndian(status[112..]) * NanosecondsPerSecond) + BinaryPrimitives.ReadUInt32LittleEndian(status[120..]));
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int folder, string path, int flags, uint mask, byte* status);
}
