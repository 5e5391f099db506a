namespace Pier.BitTorrent.Creation;

/// <summary>Which generation of metainfo a new torrent has.</summary>
public enum TorrentFormat
{
    /// <summary>Both, so that every client can join and files have hash trees (BEP 52). The default.</summary>
    Hybrid,

    /// <summary>BEP 3 only.</summary>
    V1,

    /// <summary>BEP 52 only; older clients cannot join.</summary>
    V2,
}
