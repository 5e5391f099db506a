using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Storage;

/// <summary>The files of a torrent that a lender has. Their pieces are here without being fetched; they are never written.</summary>
internal sealed class LentFiles : IAsyncDisposable
{
    private readonly ILentFile?[] _files;

    private LentFiles(Metainfo metainfo, ILentFile?[] files)
    {
        _files = files;
        Pieces = new Bitfield(metainfo.PieceCount);
        for (var file = 0; file < files.Length; file++)
        {
            if (files[file] is not null)
            {
                // A file that has a root begins a piece, and shares its last one with nothing but padding (BEP 52).
                var entry = metainfo.Files[file];
                var end = (int)((entry.End + metainfo.PieceLength - 1) / metainfo.PieceLength);
                for (var piece = (int)(entry.Offset / metainfo.PieceLength); piece < end; piece++)
                {
                    Pieces.Add(piece);
                }
            }
        }
    }

    /// <summary>Pieces that lie wholly in lent files.</summary>
    public Bitfield Pieces { get; }

    /// <summary>Borrows what there is to borrow of the files that are not on disk; null when that is nothing.</summary>
    public static async ValueTask<LentFiles?> BorrowAsync(
        Metainfo metainfo, IReadOnlyList<bool> isPresent, IFileLender lender, CancellationToken cancellationToken)
    {
        var files = new ILentFile?[metainfo.Files.Count];
        for (var file = 0; file < files.Length; file++)
        {
            if (!isPresent[file] && metainfo.Files[file] is { PiecesRoot: { } root, Length: > 0 and var length })
            {
                files[file] = await lender.LendAsync(root, length, cancellationToken);
            }
        }

        return Array.Exists(files, file => file is not null) ? new LentFiles(metainfo, files) : null;
    }

    /// <summary>A file, if it is lent.</summary>
    public ILentFile? Of(int file) => _files[file];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var file in _files)
        {
            if (file is not null)
            {
                await file.DisposeAsync();
            }
        }
    }
}
