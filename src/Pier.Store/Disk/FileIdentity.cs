using Microsoft.Win32.SafeHandles;

namespace Pier.Store.Disk;

/// <summary>Which file it is, whatever its name: a file that takes another's name is another one, as long as that is open.</summary>
/// <param name="Device">Its disk: major and minor number.</param>
/// <param name="Inode">Its number there.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    /// <summary>The file that is open.</summary>
    /// <exception cref="IOException">The system refused; carries the errno.</exception>
    public static FileIdentity Of(SafeFileHandle file) => Of(FileStatus.Of(file, "an open file"));

    /// <summary>The file that has a name now, links not followed.</summary>
    /// <exception cref="IOException">It may not be looked at; carries the errno.</exception>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static FileIdentity Of(string path) =>
        Path.Exists(path) ? Of(FileStatus.Of(path)) : throw new FileNotFoundException($"{path} is gone.", path);

    private static FileIdentity Of(FileStatus status) => new(status.Device, status.Inode);
}
