namespace Pier.BitTorrent.Wire;

/// <summary>What peer exchange says of a peer (BEP 11).</summary>
[Flags]
internal enum PexFlags : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It prefers encrypted connections.</summary>
    PrefersEncryption = 0x01,

    /// <summary>It has everything, or wants nothing more.</summary>
    IsSeed = 0x02,

    /// <summary>It speaks uTP.</summary>
    SpeaksUtp = 0x04,

    /// <summary>The sender connected to it, so that it can be reached.</summary>
    IsReachable = 0x10,
}
