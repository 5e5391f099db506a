namespace Pier.BitTorrent.Torrents;

/// <summary>
/// Holds a hybrid's two halves against each other (BEP 52): the same files in the same order, each at a piece boundary.
/// Halves that disagree would let v1 and v2 peers of one swarm hold different bytes.
/// </summary>
internal static class HybridRules
{
    /// <summary>The v1 list, padding included, with the v2 roots filled in.</summary>
    /// <exception cref="MetainfoException">The halves describe different files.</exception>
    public static List<FileDraft> Merge(InfoDraft draft, List<FileDraft> v1, List<FileDraft> v2)
    {
        if (draft.V1IsSingleFile && v2 is not [{ Path.Length: 1 }])
        {
            throw new MetainfoException("info", "the v1 half is one file, the v2 half a folder");
        }

        var merged = new List<FileDraft>(v1.Count);
        var next = 0;
        long offset = 0;
        foreach (var file in v1)
        {
            if (file.IsPadding)
            {
                merged.Add(file);
            }
            else
            {
                var twin = next < v2.Count ? v2[next++] : throw Disagree(file, "is missing from 'file tree'");
                CheckSame(file, twin);
                if (file.Length > 0 && offset % draft.PieceLength != 0)
                {
                    throw Disagree(file, "does not begin at a piece boundary");
                }

                merged.Add(file with { PiecesRoot = twin.PiecesRoot });
            }

            offset = unchecked(offset + file.Length);
        }

        return next == v2.Count ? merged : throw Disagree(v2[next], "is missing from 'files'");
    }

    private static void CheckSame(FileDraft v1, FileDraft v2)
    {
        if (!v1.Path.AsSpan().SequenceEqual(v2.Path))
        {
            throw Disagree(v1, $"is '{string.Join('/', v2.Path)}' in 'file tree'");
        }

        if (v1.Length != v2.Length)
        {
            throw Disagree(v1, $"has {v1.Length} bytes in v1 and {v2.Length} in v2");
        }

        if (v1.IsSymlink != v2.IsSymlink
            || !(v1.SymlinkTarget ?? []).AsSpan().SequenceEqual(v2.SymlinkTarget))
        {
            throw Disagree(v1, "is another symbolic link in 'file tree'");
        }
    }

    private static MetainfoException Disagree(FileDraft file, string how) =>
        new("info", $"the hybrid's halves disagree: '{string.Join('/', file.Path)}' {how}");
}
