using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Pier.Content.Contracts;

namespace Pier.TestKit.Trees;

/// <summary>What <c>lstat</c> says of a path, as far as trees show it; the base library does not tell links and nanoseconds.</summary>
public sealed partial record FileStatus(TreeNodeKind Kind, int Mode, long Size, ulong Inode, int Links, long Modified)
{
    private const int WorkingFolder = -100;
    private const int NoFollow = 0x100;
    private const uint BasicStatus = 0x7ff;

    /// <summary>Reads it by statx(2), whose layout is the same everywhere.</summary>
    public static unsafe FileStatus Of(string path)
    {
        Span<byte> status = stackalloc byte[256];
        fixed (byte* start = status)
        {
            if (statx(WorkingFolder, path, NoFollow, BasicStatus, start) != 0)
            {
                throw new IOException($"statx {path}: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }

        var mode = BinaryPrimitives.ReadUInt16LittleEndian(status[28..]);
        return new FileStatus(
            (mode >> 12) switch { 4 => TreeNodeKind.Directory, 10 => TreeNodeKind.SymbolicLink, _ => TreeNodeKind.File },
            mode & 0xfff,
            BinaryPrimitives.ReadInt64LittleEndian(status[40..]),
            BinaryPrimitives.ReadUInt64LittleEndian(status[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(status[16..]),
            (BinaryPrimitives.ReadInt64LittleEndian(status[112..]) * 1_000_000_000) + BinaryPrimitives.ReadUInt32LittleEndian(status[120..]));
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int folder, string path, int flags, uint mask, byte* status);
}
