namespace Pier.BitTorrent.Creation;

/// <summary>How far the making of a torrent has come.</summary>
/// <param name="BytesHashed">Bytes read and hashed so far.</param>
/// <param name="BytesTotal">Bytes of all files.</param>
/// <param name="File">Path of the file at hand, below the torrent's folder.</param>
public readonly record struct TorrentCreationProgress(long BytesHashed, long BytesTotal, string File);
