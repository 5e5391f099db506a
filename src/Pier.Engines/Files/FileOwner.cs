using System.Runtime.InteropServices;

namespace Pier.Engines.Files;

/// <summary>Gives a file that takes another one's place the same owner and group.</summary>
public static partial class FileOwner
{
    /// <summary>Copies owner and group; a link at the end of a path is followed.</summary>
    /// <param name="from">A file that is there.</param>
    /// <param name="to">The file that is to take its place.</param>
    /// <exception cref="UnauthorizedAccessException">Only root can make it so.</exception>
    public static void Copy(string from, string to)
    {
        var wanted = Read(from);
        if (Read(to) != wanted && Chown(to, wanted.User, wanted.Group) != 0)
        {
            throw new UnauthorizedAccessException($"{from} belongs to another user or group, which only root can keep: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    private static (uint User, uint Group) Read(string path) => FileFacts.Of(path) is { } facts
        ? (facts.User, facts.Group)
        : throw new IOException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Chown(string path, uint user, uint group);
}
