namespace Pier.Api.Downloads;

/// <summary>Asks for content by URI (design §4).</summary>
/// <param name="Uris">Fallbacks for the same bytes, tried in this order; or words that stand for torrent files.</param>
/// <param name="TorrentFiles">Torrent files that the client has read, by their words among <paramref name="Uris"/>.</param>
/// <param name="Select">Which files of a torrent: globs over paths, or indices such as 0-4,7; none is all.</param>
/// <param name="Priorities">How soon selected files are wanted: PATTERN=high|normal|low|skip, later ones winning.</param>
public sealed record DownloadRequest(
    IReadOnlyList<string> Uris,
    IReadOnlyDictionary<string, byte[]>? TorrentFiles = null,
    IReadOnlyList<string>? Select = null,
    IReadOnlyList<string>? Priorities = null);

/// <summary>One file of a finished download.</summary>
/// <param name="Index">Its number in the download's path.</param>
/// <param name="Path">Relative path with forward slashes; one segment for single files.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Executable">True when it carries the executable bit.</param>
public sealed record DownloadedFile(int Index, string Path, long Size, bool Executable);

/// <summary>One symbolic link of a finished download.</summary>
/// <param name="Path">Relative path with forward slashes.</param>
/// <param name="Target">Where it leads, from the download's folder.</param>
public sealed record DownloadedLink(string Path, string Target);
