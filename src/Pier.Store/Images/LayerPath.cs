namespace Pier.Store.Images;

/// <summary>Paths inside layers and images: relative, without leading slash, never leading out.</summary>
public static class LayerPath
{
    /// <summary>Prefix of whiteouts (OCI image-spec, layer.md, "Whiteouts").</summary>
    public const string Whiteout = ".wh.";

    /// <summary>Name of the opaque whiteout.</summary>
    public const string Opaque = ".wh..wh..opq";

    /// <summary>Characters of a path, and of what a link leads to, at most.</summary>
    public const int MostLength = 4096;

    /// <summary>The path in its one spelling; empty for the root, null for one that leads out or is too long.</summary>
    public static string? Normalize(string path)
    {
        if (path.Length > MostLength || path.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").ToArray();
        return parts.Contains("..") ? null : string.Join('/', parts);
    }

    /// <summary>The folder of a path; empty for one at the root.</summary>
    public static string Parent(string path) => path.LastIndexOf('/') is var slash && slash < 0 ? "" : path[..slash];

    /// <summary>The last part of a path.</summary>
    public static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];
}
