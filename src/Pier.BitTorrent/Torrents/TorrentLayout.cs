namespace Pier.BitTorrent.Torrents;

/// <summary>
/// The geometry of a torrent: how files lie one after another in the piece space, and how pieces cut it. In v1 and hybrid
/// torrents files follow without gaps; in v2-only torrents every file begins a new piece (BEP 52).
/// </summary>
public sealed class TorrentLayout
{
    private readonly TorrentFile[] _files;
    private readonly bool _filesEndPieces;

    internal TorrentLayout(int pieceLength, TorrentFile[] files, bool filesEndPieces)
    {
        PieceLength = pieceLength;
        _files = files;
        _filesEndPieces = filesEndPieces;
        foreach (var file in files)
        {
            ContentLength += file.IsPadding ? 0 : file.Length;
            SpaceLength = Math.Max(SpaceLength, file.End);
        }

        PieceCount = checked((int)((SpaceLength + pieceLength - 1) / pieceLength));
    }

    /// <summary>Nominal bytes of a piece.</summary>
    public int PieceLength { get; }

    /// <summary>Number of pieces.</summary>
    public int PieceCount { get; }

    /// <summary>Bytes from the first to the last piece, padding and gaps included.</summary>
    public long SpaceLength { get; }

    /// <summary>Bytes of all files that are not padding.</summary>
    public long ContentLength { get; }

    /// <summary>All files in the order of the piece space, padding and empty files included.</summary>
    public IReadOnlyList<TorrentFile> Files => _files;

    /// <summary>First byte of a piece in the piece space.</summary>
    public long PieceOffset(int piece)
    {
        CheckPiece(piece);
        return (long)piece * PieceLength;
    }

    /// <summary>Bytes that travel for a piece: less than <see cref="PieceLength"/> for the last, and in v2-only torrents for the last of each file.</summary>
    public int PieceSize(int piece)
    {
        var offset = PieceOffset(piece);
        var end = _filesEndPieces ? _files[FileAt(offset)].End : SpaceLength;
        return (int)Math.Min(PieceLength, end - offset);
    }

    /// <summary>Index of the file that holds the byte at this offset of the piece space.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Beyond the space, or in the gap after a file of a v2-only torrent.</exception>
    public int FileAt(long offset)
    {
        var low = 0;
        var high = _files.Length - 1;
        while (low < high)
        {
            // The last file that starts at or before the offset; empty files sort before the one that has the byte.
            var middle = low + ((high - low + 1) / 2);
            if (_files[middle].Offset <= offset)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        // Empty files at the very end share their offset with the end of the space.
        while (low > 0 && _files[low].Length == 0)
        {
            low--;
        }

        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, _files[low].End);
        return low;
    }

    /// <summary>Cuts a range of the piece space into the parts of the files that hold it, padding included, empty files left out.</summary>
    /// <param name="offset">First byte in the piece space.</param>
    /// <param name="length">Bytes; within the space, and within a file for v2-only torrents.</param>
    public TorrentSlices Slices(long offset, long length) => new(this, offset, length);

    private void CheckPiece(int piece)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(piece);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(piece, PieceCount);
    }
}
