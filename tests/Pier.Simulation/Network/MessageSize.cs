using Pier.BitTorrent.Wire;

namespace Pier.Simulation.Network;

/// <summary>What messages cost on the wire (BEP 3, 6, 10), so that control bytes are those of real peers.</summary>
internal static class MessageSize
{
    /// <summary>Choke, unchoke, interested, not interested, have all, have none.</summary>
    public const int Plain = WireLimits.PrefixLength + 1;

    /// <summary>Have, allowed fast.</summary>
    public const int Piece = Plain + 4;

    /// <summary>A message with a payload.</summary>
    public static int Raw(int payload) => Plain + payload;

    /// <summary>Requests, cancels or rejects for these bytes: one for each 16 KiB, whatever the simulation's unit.</summary>
    public static int Blocks(int bytes) => Count(bytes) * WireLimits.RequestLength;

    /// <summary>The headers before these bytes of blocks.</summary>
    public static int Headers(int bytes) => Count(bytes) * WireLimits.PieceHeaderLength;

    private static int Count(int bytes) => (bytes + WireLimits.BlockSize - 1) / WireLimits.BlockSize;
}
