namespace Pier.BitTorrent.Wire;

/// <summary>Bounds on what a peer may send, believed before any memory is taken for it.</summary>
internal static class WireLimits
{
    /// <summary>Bytes of a requested block: the size every client serves (BEP 3, BEP 52).</summary>
    public const int BlockSize = 16 * 1024;

    /// <summary>Largest block that is served or received; mainline's historic bound.</summary>
    public const int MaxBlockLength = 128 * 1024;

    /// <summary>Largest message other than a piece: a bitfield of eight million pieces, or a metadata piece.</summary>
    public const int MaxMessageLength = 1024 * 1024;

    /// <summary>Largest extension handshake; real ones have a few hundred bytes.</summary>
    public const int MaxExtensionHandshake = 64 * 1024;

    /// <summary>Bytes of the length prefix.</summary>
    public const int PrefixLength = 4;

    /// <summary>Bytes before a block in a piece message: length prefix, id, index, begin.</summary>
    public const int PieceHeaderLength = PrefixLength + 9;

    /// <summary>Bytes of a request, cancel or reject message with its length prefix.</summary>
    public const int RequestLength = PrefixLength + 13;

    /// <summary>Most hashes in one BEP 52 answer: the piece layer part of 512 pieces and its proof, as other clients bound it.</summary>
    public const int MaxHashes = 8192;
}
