using Pier.BitTorrent.Pieces;

namespace Pier.BitTorrent.Peers;

/// <summary>A block that a peer is asked for.</summary>
/// <param name="Block">Which.</param>
/// <param name="Buffer">Where it goes: its piece's memory, or that of single blocks for a reader.</param>
internal readonly record struct AskedBlock(BlockRef Block, PieceBuffer Buffer);
