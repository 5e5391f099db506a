using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pier.Store.Disk;

/// <summary>The two system calls that the base library does not offer: fsync of a folder, and fdatasync (POSIX.1-2024).</summary>
internal static partial class Posix
{
    private const int ReadOnlyCloseOnExec = 0x80000;

    /// <summary>Makes the names in a folder durable.</summary>
    /// <exception cref="IOException">The system refused; carries the errno.</exception>
    public static void SyncFolder(string path)
    {
        var descriptor = open(path, ReadOnlyCloseOnExec);
        ThrowIfFailed(descriptor, "open", path);
        using var folder = new SafeFileHandle(descriptor, ownsHandle: true);
        ThrowIfFailed(fsync(folder), "fsync", path);
    }

    /// <summary>Makes a file's bytes, and the metadata needed to read them, durable.</summary>
    /// <exception cref="IOException">The system refused; carries the errno.</exception>
    public static void SyncData(SafeFileHandle file, string path) => ThrowIfFailed(fdatasync(file), "fdatasync", path);

    private static void ThrowIfFailed(int result, string call, string path)
    {
        if (result < 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            throw new IOException($"{call} {path}: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(SafeFileHandle file);
}
