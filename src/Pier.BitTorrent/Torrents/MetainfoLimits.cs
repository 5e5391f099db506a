namespace Pier.BitTorrent.Torrents;

/// <summary>How much of a torrent is believed before it is refused.</summary>
public sealed record MetainfoLimits
{
    /// <summary>Limits that let every torrent in common use through.</summary>
    public static MetainfoLimits Default { get; } = new();

    /// <summary>Bytes of an info dictionary.</summary>
    public int MaxInfoBytes { get; init; } = 32 << 20;

    /// <summary>Bytes of a whole .torrent file.</summary>
    public int MaxTorrentBytes { get; init; } = 64 << 20;

    /// <summary>Files, padding included.</summary>
    public int MaxFiles { get; init; } = 200_000;

    /// <summary>Pieces; what an info dictionary of the greatest size could hash, and more.</summary>
    public int MaxPieces { get; init; } = 4_000_000;

    /// <summary>Bytes of a piece.</summary>
    public int MaxPieceLength { get; init; } = 256 << 20;

    /// <summary>Bytes of the piece space.</summary>
    public long MaxLength { get; init; } = 1L << 50;

    /// <summary>Trackers over all tiers, and web seeds; what is beyond is ignored.</summary>
    public int MaxUrls { get; init; } = 256;

    /// <summary>UTF-8 bytes of a tracker's or web seed's address; longer ones are ignored.</summary>
    public int MaxUrlBytes { get; init; } = 2048;
}
