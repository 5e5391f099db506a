using Pier.Content;

namespace Pier.BitTorrent.Pieces;

/// <summary>Some blocks of a piece, one after another.</summary>
/// <param name="Piece">Index of the piece.</param>
/// <param name="First">The first of them.</param>
/// <param name="Count">How many.</param>
internal readonly record struct BlockSpan(int Piece, int First, int Count)
{
    /// <summary>The one after the last.</summary>
    public int End => First + Count;

    /// <summary>The blocks that a range touches within the piece of its first byte.</summary>
    public static BlockSpan Of(PieceGrid grid, ByteRange range)
    {
        var piece = (int)(range.Offset / grid.PieceLength);
        var start = grid.OffsetOf(piece);
        var first = (int)((range.Offset - start) / grid.BlockSize);
        var end = (int)Math.Min(range.End - start, grid.SizeOf(piece));
        return new BlockSpan(piece, first, (end + grid.BlockSize - 1) / grid.BlockSize - first);
    }
}
