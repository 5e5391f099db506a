using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Creation;

/// <summary>A file on disk that goes into a torrent.</summary>
/// <param name="Path">Segments below the torrent's folder.</param>
/// <param name="FullPath">Where it lies on disk.</param>
/// <param name="Length">Bytes when it was found.</param>
/// <param name="Attributes">Executable or symbolic link.</param>
/// <param name="SymlinkTarget">Segments of a link's target from the torrent's folder.</param>
internal sealed record SourceFile(
    string[] Path,
    string FullPath,
    long Length,
    TorrentFileAttributes Attributes,
    string[]? SymlinkTarget);
