using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pier.Engines.Files;

/// <summary>What statx(2) says of a file that the base library does not tell; its layout is the same everywhere.</summary>
/// <param name="Type">The upper four bits of its mode (inode(7)).</param>
/// <param name="User">Its owner.</param>
/// <param name="Group">Its group.</param>
internal readonly partial record struct FileFacts(int Type, uint User, uint Group)
{
    private const int WorkingFolder = -100;
    private const int EmptyPath = 0x1000;
    private const uint TypeUserAndGroup = 0x19;

    /// <summary>Of the file that has a name, links followed; null when the system refuses, which left its reason.</summary>
    public static FileFacts? Of(string path) => Read(WorkingFolder, path, 0);

    /// <summary>Of a file that is open, or held by O_PATH; null when the system refuses, which left its reason.</summary>
    public static FileFacts? Of(SafeFileHandle file)
    {
        var isHeld = false;
        try
        {
            file.DangerousAddRef(ref isHeld);
            return Read((int)file.DangerousGetHandle(), "", EmptyPath);
        }
        finally
        {
            if (isHeld)
            {
                file.DangerousRelease();
            }
        }
    }

    private static unsafe FileFacts? Read(int folder, string path, int flags)
    {
        Span<byte> status = stackalloc byte[256];
        fixed (byte* start = status)
        {
            return Status(folder, path, flags, TypeUserAndGroup, start) == 0
                ? new FileFacts(
                    BinaryPrimitives.ReadUInt16LittleEndian(status[28..]) >> 12,
                    BinaryPrimitives.ReadUInt32LittleEndian(status[20..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(status[24..]))
                : null;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int Status(int folder, string path, int flags, uint mask, byte* status);
}
