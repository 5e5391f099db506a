using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Storage;

/// <summary>Refuses torrents whose files would get in each other's way on the disk at hand, though their names are in order.</summary>
internal static class TreeNames
{
    /// <exception cref="MetainfoException">Two files would be one; names them.</exception>
    public static void Check(Metainfo metainfo, string root)
    {
        var exact = new HashSet<string>(StringComparer.Ordinal);
        var folded = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        (string First, string Second)? differByCase = null;
        foreach (var file in metainfo.Files)
        {
            if (file.IsPadding)
            {
                continue;
            }

            var path = file.RelativePath;
            exact.Add(path);
            for (var end = path.Length; end > 0; end = path.LastIndexOf('/', end - 1))
            {
                var part = path[..end];
                if (!folded.TryAdd(part, part))
                {
                    differByCase ??= folded[part] == part ? null : (folded[part], part);
                    break;
                }
            }
        }

        if (exact.FirstOrDefault(path => exact.Contains(path + TreeFiles.Unfinished)) is { } unfinished)
        {
            throw new MetainfoException("info", $"'{unfinished}{TreeFiles.Unfinished}' is how '{unfinished}' is called until it is complete");
        }

        if (differByCase is var (first, second) && FoldsCase(root))
        {
            throw new MetainfoException("info", $"'{first}' and '{second}' differ only by case, which this disk does not tell apart");
        }
    }

    private static bool FoldsCase(string root)
    {
        var name = Path.GetRandomFileName();
        var probe = Path.Combine(root, $".{name}.pier-Case");
        try
        {
            File.WriteAllBytes(probe, []);
            return File.Exists(Path.Combine(root, $".{name}.pier-cASE"));
        }
        finally
        {
            File.Delete(probe);
        }
    }
}
