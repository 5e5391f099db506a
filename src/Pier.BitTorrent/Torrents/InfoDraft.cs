namespace Pier.BitTorrent.Torrents;

/// <summary>An info dictionary as written: each field well-formed, the fields not yet compared with each other.</summary>
internal sealed class InfoDraft
{
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    public required string Name { get; init; }

    public required int PieceLength { get; init; }

    public required bool IsPrivate { get; init; }

    /// <summary>SHA-1 hashes; null when the v1 half is absent.</summary>
    public required ReadOnlyMemory<byte>? Pieces { get; init; }

    /// <summary>The v1 half's files; null when it is absent. A single file stands as one entry named like the torrent.</summary>
    public required List<FileDraft>? V1Files { get; init; }

    /// <summary>The v2 half's files; null when it is absent.</summary>
    public required List<FileDraft>? V2Files { get; init; }

    /// <summary>Whether the v1 half says <c>length</c> instead of <c>files</c>.</summary>
    public required bool V1IsSingleFile { get; init; }

    public bool HasV1 => V1Files is not null;

    public bool HasV2 => V2Files is not null;

    public bool IsSingleFile => V1Files is not null
        ? V1IsSingleFile
        : V2Files is [{ Path: [var only] }] && only == Name;
}

/// <summary>One file as written in either half of an info dictionary.</summary>
internal sealed record FileDraft(
    string[] Path,
    long Length,
    TorrentFileAttributes Attributes,
    string[]? SymlinkTarget,
    MerkleRoot? PiecesRoot)
{
    public bool IsPadding => Attributes.HasFlag(TorrentFileAttributes.Padding);

    public bool IsSymlink => Attributes.HasFlag(TorrentFileAttributes.Symlink);
}
