using Pier.Volumes.Fuse.Device;

namespace Pier.Volumes.Writing;

/// <summary>Gives folders to others than root.</summary>
internal static class Ownership
{
    /// <summary>Changes owner and group.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void Change(string path, uint uid, uint gid)
    {
        if ((uid != 0 || gid != 0) && Libc.chown(path, uid, gid) != 0)
        {
            throw Libc.Failed("chown", path);
        }
    }
}
