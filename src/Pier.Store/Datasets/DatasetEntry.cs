namespace Pier.Store.Datasets;

/// <summary>
/// One entry of a dataset: a directory, a symbolic link, or a file whose bytes are a blob or a range of a torrent.
/// </summary>
/// <param name="Path">From the dataset's root, with forward slashes.</param>
/// <param name="Mode">Permission bits, 0-07777.</param>
/// <param name="Size">Bytes of a file, else 0.</param>
/// <param name="Digest">The blob that is the file.</param>
/// <param name="Torrent">Info-hash in lower-case hex, v1 or v2, of the torrent that holds the file.</param>
/// <param name="Offset">First byte of the file in the torrent's piece space.</param>
/// <param name="Link">Target of a symbolic link.</param>
/// <param name="IsDirectory">True for a directory.</param>
public sealed record DatasetEntry(
    string Path,
    int Mode,
    long Size = 0,
    string? Digest = null,
    string? Torrent = null,
    long Offset = 0,
    string? Link = null,
    bool IsDirectory = false);
