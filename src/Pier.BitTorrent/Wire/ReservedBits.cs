namespace Pier.BitTorrent.Wire;

/// <summary>Capabilities in the eight reserved bytes of the handshake, read as one big-endian number (BEP 4).</summary>
[Flags]
internal enum ReservedBits : ulong
{
    /// <summary>BEP 3 only.</summary>
    None = 0,

    /// <summary>DHT (BEP 5): byte 7, 0x01.</summary>
    Dht = 0x01,

    /// <summary>Fast extension (BEP 6): byte 7, 0x04.</summary>
    Fast = 0x04,

    /// <summary>Hybrid torrents may be upgraded to v2 on this connection (BEP 52): byte 7, 0x10.</summary>
    V2 = 0x10,

    /// <summary>Extension protocol (BEP 10): byte 5, 0x10.</summary>
    Extensions = 0x10_0000,
}
