namespace Pier.BitTorrent.Torrents;

/// <summary>A run of bytes within one file of a torrent.</summary>
/// <param name="FileIndex">Index into <see cref="TorrentLayout.Files"/>.</param>
/// <param name="FileOffset">First byte within the file.</param>
/// <param name="Length">Bytes, at least one.</param>
public readonly record struct TorrentSlice(int FileIndex, long FileOffset, long Length);
