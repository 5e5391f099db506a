using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pier.BitTorrent.Storage;

/// <summary>
/// Opens what a torrent names below a folder, step by step and without following any symbolic link (openat(2), O_NOFOLLOW), so
/// that neither a torrent nor whoever else may write there can lead us out of the folder.
/// </summary>
internal static partial class NoFollow
{
    private const int ReadOnly = 0;
    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int SeekCurrent = 1;
    private const int SeekHole = 4;
    private const int NoSuchEntry = 2;
    private const int NoSuchData = 6;
    private const int Exists = 17;
    private const int FileMode = 0x1a4; // rw-r--r--
    private const int FolderMode = 0x1ed; // rwxr-xr-x

    // Linux on ARM has numbers of its own for these two.
    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;
    private static readonly int DirectoryOnly = IsArm ? 0x4000 : 0x10000;
    private static readonly int NoLinks = IsArm ? 0x8000 : 0x20000;

    /// <summary>Opens a file; null when it or a folder on its way is missing and nothing is to be made.</summary>
    /// <param name="root">The folder, an absolute path that may itself be reached by links.</param>
    /// <param name="path">Segments below it.</param>
    /// <param name="write">Open for writing as well.</param>
    /// <param name="create">Make what is missing.</param>
    /// <exception cref="IOException">A segment is a link, what bears the name is no plain file, or the system refuses.</exception>
    public static SafeFileHandle? OpenFile(string root, IReadOnlyList<string> path, bool write, bool create)
    {
        using var folder = OpenFolder(root, path, create);
        if (folder is null)
        {
            return null;
        }

        // A pipe in the file's place would have us wait for whoever writes to it.
        var flags = (write ? ReadWrite : ReadOnly) | (create ? Create : 0) | NoLinks | CloseOnExec | NonBlocking;
        var file = OpenAt(folder, path[^1], flags, FileMode);
        if (file.IsInvalid)
        {
            return Missing(file, root, path, tolerate: !create);
        }

        if (Seek(file, 0, SeekCurrent) < 0)
        {
            file.Dispose();
            throw new IOException($"{Path.Combine([root, .. path])} is no plain file");
        }

        return file;
    }

    /// <summary>Opens the folder that holds a file; null when a folder is missing and nothing is to be made.</summary>
    /// <exception cref="IOException">A segment is a link, or the system refuses.</exception>
    public static SafeFileHandle? OpenFolder(string root, IReadOnlyList<string> path, bool create)
    {
        var flags = ReadOnly | DirectoryOnly | NoLinks | CloseOnExec;
        var folder = OpenPath(root, ReadOnly | DirectoryOnly | CloseOnExec, 0);
        if (folder.IsInvalid)
        {
            return Missing(folder, root, [], tolerate: !create);
        }

        for (var depth = 0; depth < path.Count - 1; depth++)
        {
            using var parent = folder;
            if (create && MakeFolderAt(parent, path[depth], FolderMode) != 0 && Marshal.GetLastPInvokeError() != Exists)
            {
                throw Refused(root, path, Marshal.GetLastPInvokeError());
            }

            folder = OpenAt(parent, path[depth], flags, 0);
            if (folder.IsInvalid)
            {
                return Missing(folder, root, path, tolerate: !create);
            }
        }

        return folder;
    }

    /// <summary>Gives a file in a folder its final name, replacing what bears it.</summary>
    public static void Rename(SafeFileHandle folder, string from, string to)
    {
        if (RenameAt(folder, from, folder, to) != 0)
        {
            throw Refused(from, [to], Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Makes a symbolic link in a folder, unless something bears the name.</summary>
    public static void Link(SafeFileHandle folder, string name, string target)
    {
        if (SymlinkAt(target, folder, name) != 0 && Marshal.GetLastPInvokeError() is var error and not Exists)
        {
            throw Refused(name, [target], error);
        }
    }

    /// <summary>Has a folder's names reach the disk.</summary>
    public static void Sync(SafeFileHandle folder)
    {
        if (FSync(folder) != 0)
        {
            throw Refused("a folder", [], Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>
    /// Whether a range may have been written whole: false when a part of it is a hole, which a disk knows in blocks of its own
    /// size, or not at all.
    /// </summary>
    public static bool HasNoHole(SafeFileHandle file, long offset, long length)
    {
        var hole = Seek(file, offset, SeekHole);
        return hole >= 0 ? hole >= offset + length : Marshal.GetLastPInvokeError() != NoSuchData;
    }

    private static SafeFileHandle? Missing(SafeFileHandle invalid, string root, IReadOnlyList<string> path, bool tolerate)
    {
        var error = Marshal.GetLastPInvokeError();
        invalid.Dispose();
        return tolerate && error == NoSuchEntry ? null : throw Refused(root, path, error);
    }

    private static IOException Refused(string root, IReadOnlyList<string> path, int error)
    {
        var cause = new Win32Exception(error);
        return new IOException($"{Path.Combine([root, .. path])}: {cause.Message}", cause);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle OpenPath(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle OpenAt(SafeFileHandle folder, string name, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MakeFolderAt(SafeFileHandle folder, string name, int mode);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int RenameAt(SafeFileHandle fromFolder, string from, SafeFileHandle toFolder, string to);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SymlinkAt(string target, SafeFileHandle folder, string name);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial long Seek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FSync(SafeFileHandle file);
}
