using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Creation;

/// <summary>How a torrent is made from files. The same files and options always give the same bytes.</summary>
public sealed record TorrentCreationOptions
{
    /// <summary>Generation of the metainfo.</summary>
    public TorrentFormat Format { get; init; } = TorrentFormat.Hybrid;

    /// <summary>Bytes of a piece, a power of two from 16 KiB to 256 MiB; null chooses by <see cref="TorrentBuilder.PieceLengthFor"/>.</summary>
    public int? PieceLength { get; init; }

    /// <summary>
    /// Whether padding brings each file of a v1 torrent to a piece boundary (BEP 47), so that no piece is shared; hybrids always
    /// have it, v2 needs none. Clients that do not know of padding fetch it and write it to disk.
    /// </summary>
    public bool PadFiles { get; init; }

    /// <summary>Name of the torrent; null takes the file's or folder's.</summary>
    public string? Name { get; init; }

    /// <summary>BEP 27: only the torrent's own trackers may bring peers.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>Trackers, web seeds and remarks, which do not change the info-hash.</summary>
    public MetainfoEnvelope Envelope { get; init; } = MetainfoEnvelope.Empty;
}
