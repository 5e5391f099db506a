using System.Runtime.InteropServices;

namespace Pier.Store.Disk;

/// <summary>Another name of a file (link(2)), which the base library does not offer.</summary>
public static partial class HardLink
{
    /// <summary>Gives a file another name; who had that loses it.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void Make(string file, string name)
    {
        File.Delete(name);
        if (link(file, name) != 0)
        {
            throw new IOException($"link {name}: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string file, string name);
}
