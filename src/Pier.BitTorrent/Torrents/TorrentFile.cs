namespace Pier.BitTorrent.Torrents;

/// <summary>One file of a torrent, and where its bytes lie among the torrent's pieces.</summary>
public sealed record TorrentFile
{
    /// <summary>
    /// Path segments below the folder named by <see cref="Metainfo.Name"/>; for a single-file torrent just that name. Checked
    /// by <see cref="TorrentPathRules"/>: joining them never leaves the folder.
    /// </summary>
    public required IReadOnlyList<string> Path { get; init; }

    /// <summary>Bytes.</summary>
    public required long Length { get; init; }

    /// <summary>First byte in the piece space: piece index × piece length + offset in the piece.</summary>
    public required long Offset { get; init; }

    /// <summary>Attributes of BEP 47.</summary>
    public TorrentFileAttributes Attributes { get; init; }

    /// <summary>Path segments of a symbolic link's target, from the torrent's folder, checked like <see cref="Path"/>; null for others.</summary>
    public IReadOnlyList<string>? SymlinkTarget { get; init; }

    /// <summary>Root of the file's hash tree; null in v1 torrents, for padding and for empty files.</summary>
    public MerkleRoot? PiecesRoot { get; init; }

    /// <summary>First byte after the file in the piece space.</summary>
    public long End => Offset + Length;

    /// <summary>Whether this is padding rather than content.</summary>
    public bool IsPadding => (Attributes & TorrentFileAttributes.Padding) == TorrentFileAttributes.Padding;

    /// <summary>The segments joined by slashes.</summary>
    public string RelativePath => string.Join('/', Path);
}
