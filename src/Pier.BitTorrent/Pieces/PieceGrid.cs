using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;
using Pier.Content;

namespace Pier.BitTorrent.Pieces;

/// <summary>How pieces are cut into the blocks that peers ask each other for.</summary>
internal sealed class PieceGrid
{
    private readonly int _last;

    // Null where only the last piece is shorter than the others, as in most torrents.
    private readonly int[]? _sizes;

    private readonly Dictionary<int, int> _padding;

    private PieceGrid(int pieceLength, int[] sizes, int blockSize, Dictionary<int, int> padding)
    {
        BlockSize = blockSize;
        PieceLength = pieceLength;
        PieceCount = sizes.Length;
        _last = sizes.Length == 0 ? 0 : sizes[^1];
        _sizes = sizes.AsSpan(0, Math.Max(0, sizes.Length - 1)).ContainsAnyExcept(pieceLength) ? sizes : null;
        _padding = padding;
    }

    /// <summary>Nominal bytes of a piece.</summary>
    public int PieceLength { get; }

    /// <summary>Nominal bytes of a block.</summary>
    public int BlockSize { get; }

    /// <summary>Number of pieces.</summary>
    public int PieceCount { get; }

    /// <summary>The grid of a torrent.</summary>
    public static PieceGrid Of(TorrentLayout layout, int blockSize)
    {
        var sizes = new int[layout.PieceCount];
        for (var piece = 0; piece < sizes.Length; piece++)
        {
            sizes[piece] = layout.PieceSize(piece);
        }

        return new PieceGrid(layout.PieceLength, sizes, blockSize, PaddingIn(layout));
    }

    /// <summary>A grid of equal pieces, the last of which may be shorter.</summary>
    public static PieceGrid Uniform(int pieceLength, long totalLength)
    {
        var sizes = new int[(totalLength + pieceLength - 1) / pieceLength];
        Array.Fill(sizes, pieceLength);
        sizes[^1] = (int)(totalLength - (sizes.Length - 1L) * pieceLength);
        return new PieceGrid(pieceLength, sizes, WireLimits.BlockSize, []);
    }

    /// <summary>Bytes of a piece.</summary>
    public int SizeOf(int piece)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)piece, (uint)PieceCount, nameof(piece));
        return _sizes is { } sizes ? sizes[piece] : piece == PieceCount - 1 ? _last : PieceLength;
    }

    /// <summary>Bytes of a piece that are content and not padding (BEP 47).</summary>
    public int ContentIn(int piece) => SizeOf(piece) - _padding.GetValueOrDefault(piece);

    /// <summary>First byte of a piece in the piece space.</summary>
    public long OffsetOf(int piece) => (long)piece * PieceLength;

    /// <summary>Blocks of a piece.</summary>
    public int BlocksIn(int piece) => (SizeOf(piece) + BlockSize - 1) / BlockSize;

    /// <summary>The bytes that a request for a block names.</summary>
    public BlockRange RangeOf(BlockRef block)
    {
        var offset = block.Block * BlockSize;
        return new BlockRange(block.Piece, offset, Math.Min(BlockSize, SizeOf(block.Piece) - offset));
    }

    /// <summary>The block that a range names exactly; false for a range that we would never ask for.</summary>
    public bool TryBlockOf(BlockRange range, out BlockRef block)
    {
        block = new BlockRef(range.Piece, range.Offset / BlockSize);
        return range.Offset < SizeOf(range.Piece) && RangeOf(block) == range;
    }

    /// <summary>Whether a range lies within its piece.</summary>
    public bool Contains(BlockRange range) => (long)range.Offset + range.Length <= SizeOf(range.Piece);

    /// <summary>Whether a range lies within a piece as long as any other, of which the last of a file may fill only a part.</summary>
    public bool ContainsPadded(BlockRange range) => (long)range.Offset + range.Length <= PieceLength;

    /// <summary>The pieces that a range of the piece space touches, as far as there are any.</summary>
    public (int First, int End) PiecesOf(ByteRange range)
    {
        var first = Math.Min(range.Offset / PieceLength, PieceCount);
        if (range.Length == 0)
        {
            return ((int)first, (int)first);
        }

        var end = Math.Min((range.End + PieceLength - 1) / PieceLength, PieceCount);
        return ((int)first, (int)Math.Max(first, end));
    }

    /// <summary>The pieces that lie wholly within a range of the piece space.</summary>
    public IEnumerable<int> PiecesWithin(ByteRange range)
    {
        var first = (int)Math.Min((range.Offset + PieceLength - 1) / PieceLength, PieceCount);
        for (var piece = first; piece < PieceCount && OffsetOf(piece) + SizeOf(piece) <= range.End; piece++)
        {
            yield return piece;
        }
    }

    private static Dictionary<int, int> PaddingIn(TorrentLayout layout)
    {
        var padding = new Dictionary<int, int>();
        foreach (var file in layout.Files)
        {
            for (var from = file.IsPadding ? file.Offset : file.End; from < file.End;)
            {
                var piece = (int)(from / layout.PieceLength);
                var end = Math.Min(file.End, (piece + 1L) * layout.PieceLength);
                padding[piece] = padding.GetValueOrDefault(piece) + (int)(end - from);
                from = end;
            }
        }

        return padding;
    }
}
