using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pier.Membership;

/// <summary>Replaces a small file so that a crash leaves the old one or the new one (the write rule of design §5).</summary>
internal static partial class DurableFile
{
    // O_CLOEXEC of Linux on x86-64 and arm64; O_RDONLY is 0 (open(2)).
    private const int CloseOnExec = 0x80000;

    /// <summary>Temporary name in the same directory, write, fsync, rename, fsync the directory.</summary>
    /// <exception cref="IOException">The disk refused; the old file is as it was.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(directory);
        var temporary = $"{path}.{Path.GetRandomFileName()}.tmp";
        try
        {
            using (var file = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = mode,
            }))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        Sync(directory);
    }

    private static void Sync(string directory)
    {
        using var handle = Open(directory, CloseOnExec);
        if (handle.IsInvalid || Fsync(handle) < 0)
        {
            throw new IOException($"Cannot make a rename in {directory} durable: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Fsync(SafeFileHandle file);
}
