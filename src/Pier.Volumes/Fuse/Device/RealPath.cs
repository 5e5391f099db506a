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
    public static string Of(string path) => Of(path, _ => false);

    /// <summary>The same without asking what is closed.</summary>
    /// <param name="path">Absolute. Parts of it need not exist.</param>
    /// <param name="isClosed">Where nothing is asked: what lies there is taken as it stands. It is given real paths.</param>
    public static string Of(string path, Func<string, bool> isClosed)
    {
        var links = 0;
        return Walk("/", Path.GetFullPath(path), isClosed, ref links) ?? path;
    }

    /// <summary>Part by part, as the kernel goes: what "link/.." is depends on where the link leads.</summary>
    private static string? Walk(string folder, string path, Func<string, bool> isClosed, ref int links)
    {
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != "."))
        {
            var next = part == ".." ? Path.GetDirectoryName(folder) ?? folder : Path.Combine(folder, part);
            if (part != ".." && !isClosed(next) && TargetOf(next) is { } target)
            {
                if (++links > MaxLinks || Walk(target[0] == '/' ? "/" : folder, target, isClosed, ref links) is not { } real)
                {
                    return null;
                }

                next = real;
            }

            folder = next;
        }

        return folder;
    }

    private static unsafe string? TargetOf(string path)
    {
        var target = stackalloc byte[MaxTarget];
        var length = (int)Libc.readlink(path, target, MaxTarget);
        return length is > 0 and < MaxTarget ? Encoding.UTF8.GetString(target, length) : null;
    }
}
