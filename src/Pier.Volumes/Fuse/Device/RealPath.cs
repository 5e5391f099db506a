using System.Text;

namespace Pier.Volumes.Fuse.Device;

/// <summary>
/// Paths without symbolic links. Each part is only asked whether it is a link: asked for more, a mount whose server is gone
/// would let nobody go.
/// </summary>
internal static class RealPath
{
    private const int MaxLinks = 40;
    private const int MaxTarget = 4096;

    /// <summary>The path that the kernel knows a path by; the same where links lead in circles, or too far.</summary>
    /// <param name="path">Absolute. Parts of it need not exist.</param>
    public static string Of(string path)
    {
        var links = 0;
        return Resolve(Path.GetFullPath(path), ref links) ?? path;
    }

    private static string? Resolve(string path, ref int links)
    {
        if (Path.GetDirectoryName(path) is not { } above)
        {
            return path;
        }

        if (Resolve(above, ref links) is not { } folder)
        {
            return null;
        }

        var real = Path.Combine(folder, Path.GetFileName(path));
        if (TargetOf(real) is not { } target)
        {
            return real;
        }

        return ++links > MaxLinks ? null : Resolve(Path.GetFullPath(target, folder), ref links);
    }

    private static unsafe string? TargetOf(string path)
    {
        var target = stackalloc byte[MaxTarget];
        var length = (int)Libc.readlink(path, target, MaxTarget);
        return length is > 0 and < MaxTarget ? Encoding.UTF8.GetString(target, length) : null;
    }
}
