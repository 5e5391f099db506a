using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.Content.Uris;
using Pier.Fetch.Status;

namespace Pier.Fetch.Uris;

/// <summary>What a content URI brought into a folder.</summary>
/// <param name="Name">Name of the content: of the file, or of the folder around the files.</param>
/// <param name="IsSingleFile">True when the content is one file rather than a folder.</param>
/// <param name="Files">Its files; paths are relative to the destination.</param>
/// <param name="Sources">Bytes by source.</param>
public sealed record Download(string Name, bool IsSingleFile, IReadOnlyList<DownloadedFile> Files, SourceBytes Sources) : IDisposable
{
    /// <summary>Keeps the blobs that are among the files; null when none are.</summary>
    internal IDisposable? Lease { get; init; }

    /// <summary>The folder that the files' paths are relative to.</summary>
    public string Folder { get; init; } = "";

    /// <summary>The URI that brought it, where several were tried.</summary>
    internal ContentUri? Uri { get; init; }

    /// <summary>Symbolic links among its files (BEP 47), which stay within it.</summary>
    public IReadOnlyList<DownloadedLink> Links { get; init; } = [];

    /// <summary>The torrent that it came by, with its trackers; null for content that came otherwise.</summary>
    public Metainfo? Torrent { get; init; }

    /// <summary>The files have been taken: their blobs may go.</summary>
    public void Dispose() => Lease?.Dispose();
}

/// <summary>One file that was brought.</summary>
/// <param name="Path">Path below the destination folder, with forward slashes.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="IsExecutable">True when it carries the executable bit.</param>
/// <param name="Blob">The blob of the store that is the file, which was then not written; null for files that were.</param>
public sealed record DownloadedFile(string Path, long Size, bool IsExecutable, Digest? Blob = null);

/// <summary>One symbolic link that was brought.</summary>
/// <param name="Path">Path below the folder around the files, with forward slashes.</param>
/// <param name="Target">Where it leads, from that folder.</param>
public sealed record DownloadedLink(string Path, string Target);
