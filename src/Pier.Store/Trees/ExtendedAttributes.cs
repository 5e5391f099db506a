using System.Runtime.InteropServices;
using System.Text;

namespace Pier.Store.Trees;

/// <summary>Extended attributes of a path itself, links not followed (xattr(7)); files without, and disks without, have none.</summary>
internal static partial class ExtendedAttributes
{
    // XATTR_SIZE_MAX of Linux.
    private const int MaxSize = 65536;

    /// <summary>Their names.</summary>
    public static unsafe IReadOnlyList<string> List(string path)
    {
        var buffer = new byte[MaxSize];
        fixed (byte* start = buffer)
        {
            var length = llistxattr(path, start, MaxSize);
            return length <= 0 ? [] : Encoding.UTF8.GetString(buffer, 0, (int)length - 1).Split('\0');
        }
    }

    /// <summary>The value of one; null when there is none of that name.</summary>
    public static unsafe ReadOnlyMemory<byte>? Get(string path, string name)
    {
        var buffer = new byte[MaxSize];
        fixed (byte* start = buffer)
        {
            var length = lgetxattr(path, name, start, MaxSize);
            return length < 0 ? default(ReadOnlyMemory<byte>?) : buffer.AsMemory(0, (int)length);
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial nint llistxattr(string path, byte* list, nint size);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial nint lgetxattr(string path, string name, byte* value, nint size);
}
