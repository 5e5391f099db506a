namespace Pier.BitTorrent.Pieces;

/// <summary>A 16 KiB block by number.</summary>
/// <param name="Piece">Index of the piece.</param>
/// <param name="Block">Index of the block within the piece.</param>
internal readonly record struct BlockRef(int Piece, int Block);
