using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pier.Store.Disk;

/// <summary>Which file it is, whatever its name: a file that takes another's name is another one, as long as that is open.</summary>
/// <param name="Device">Its disk: major and minor number.</param>
/// <param name="Inode">Its number there.</param>
internal readonly partial record struct FileIdentity(ulong Device, ulong Inode)
{
    private const int WorkingFolder = -100;
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const uint InodeOnly = 0x100;

    /// <summary>The file that is open (statx(2), whose layout is the same everywhere).</summary>
    /// <exception cref="IOException">The system refused; carries the errno.</exception>
    public static FileIdentity Of(SafeFileHandle file)
    {
        var isHeld = false;
        try
        {
            file.DangerousAddRef(ref isHeld);
            return Of((int)file.DangerousGetHandle(), "", EmptyPath);
        }
        finally
        {
            if (isHeld)
            {
                file.DangerousRelease();
            }
        }
    }

    /// <summary>The file that has a name now, links not followed.</summary>
    /// <exception cref="IOException">It may not be looked at; carries the errno.</exception>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static FileIdentity Of(string path) =>
        Path.Exists(path) ? Of(WorkingFolder, path, NoFollow) : throw new FileNotFoundException($"{path} is gone.", path);

    private static unsafe FileIdentity Of(int folder, string path, int flags)
    {
        Span<byte> status = stackalloc byte[256];
        fixed (byte* start = status)
        {
            if (statx(folder, path, flags, InodeOnly, start) != 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                throw new IOException($"statx {path}: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
            }
        }

        return new FileIdentity(BinaryPrimitives.ReadUInt64LittleEndian(status[136..]), BinaryPrimitives.ReadUInt64LittleEndian(status[32..]));
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int folder, string path, int flags, uint mask, byte* status);
}
