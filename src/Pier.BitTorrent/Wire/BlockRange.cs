namespace Pier.BitTorrent.Wire;

/// <summary>A block as requests, cancels and rejects name it (BEP 3): bytes of one piece.</summary>
/// <param name="Piece">Index of the piece.</param>
/// <param name="Offset">First byte within the piece.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct BlockRange(int Piece, int Offset, int Length);
