using System.Security.Cryptography;

namespace Pier.BitTorrent.Torrents;

/// <summary>Compares the fields of an info dictionary with each other and lays the files out over the pieces.</summary>
internal static class MetainfoAssembler
{
    /// <exception cref="MetainfoException">Fields contradict each other or go beyond the limits.</exception>
    public static Metainfo Assemble(InfoDraft draft, PieceLayers layers, MetainfoEnvelope envelope, MetainfoLimits limits)
    {
        var layout = LayOut(draft, limits);
        FileTreeRules.Check(layout.Files);
        if (draft.Pieces is { } pieces && pieces.Length / SHA1.HashSizeInBytes != layout.PieceCount)
        {
            throw new MetainfoException(
                "info.pieces",
                $"{pieces.Length / SHA1.HashSizeInBytes} hashes, but {layout.SpaceLength} bytes make {layout.PieceCount} pieces");
        }

        return new Metainfo(draft, layout, layers.ForFiles(layout), envelope);
    }

    private static TorrentLayout LayOut(InfoDraft draft, MetainfoLimits limits)
    {
        var drafts = (draft.V1Files, draft.V2Files) switch
        {
            ({ } v1, { } v2) => HybridRules.Merge(draft, v1, v2),
            var (v1, v2) => v1 ?? v2!,
        };
        if (drafts.Count == 0)
        {
            throw new MetainfoException("info", "no files");
        }

        // Only v2 can say so. There are no bytes to give to anybody, and nothing in the torrent that the link could lead to.
        if (draft.IsSingleFile && drafts is [{ IsSymlink: true }])
        {
            throw new MetainfoException("info", "a torrent of one file that is a link");
        }

        var filesEndPieces = !draft.HasV1;
        var files = new TorrentFile[drafts.Count];
        long offset = 0;
        for (var index = 0; index < files.Length; index++)
        {
            var file = drafts[index];
            if (filesEndPieces && file.Length > 0)
            {
                offset = AlignUp(offset, draft.PieceLength);
            }

            // MaxLength is far from 2^63, so that the sum of two values within it cannot overflow.
            if (file.Length > limits.MaxLength || offset + file.Length > limits.MaxLength)
            {
                throw new MetainfoException("info", $"more than {limits.MaxLength} bytes");
            }

            files[index] = ToFile(file, offset);
            offset += file.Length;
        }

        if ((offset + draft.PieceLength - 1) / draft.PieceLength > limits.MaxPieces)
        {
            throw new MetainfoException("info", $"{offset} bytes make more than {limits.MaxPieces} pieces of {draft.PieceLength}");
        }

        return new TorrentLayout(draft.PieceLength, files, filesEndPieces);
    }

    private static TorrentFile ToFile(FileDraft file, long offset) => new()
    {
        Path = file.Path,
        Length = file.Length,
        Offset = offset,
        Attributes = file.Attributes,
        SymlinkTarget = file.SymlinkTarget,
        PiecesRoot = file.PiecesRoot,
    };

    internal static long AlignUp(long offset, int alignment) => (offset + alignment - 1) / alignment * alignment;
}
