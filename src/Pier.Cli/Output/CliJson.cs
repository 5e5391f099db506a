using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pier.Cli.Output;

/// <summary>What a command wrote.</summary>
/// <param name="Path">The file or folder.</param>
internal sealed record WrittenPath(string Path);

/// <summary>Users of the registry that a command is about.</summary>
/// <param name="Users">Their names.</param>
internal sealed record UserNames(IReadOnlyList<string> Users);

/// <summary>Versions on both sides of the socket.</summary>
/// <param name="Cli">This program's.</param>
/// <param name="Daemon">The daemon's, or null when none answers.</param>
/// <param name="Api">Version of the control contract, or null.</param>
internal sealed record Versions(string Cli, string? Daemon, int? Api);

/// <summary>A torrent file or magnet link, described.</summary>
/// <param name="Name">Its name; null in a magnet link that gives none.</param>
/// <param name="V1">v1 info-hash, 40 hex digits, or null.</param>
/// <param name="V2">v2 info-hash, 64 hex digits, or null.</param>
/// <param name="Size">Bytes of content; null in a magnet link that gives none.</param>
/// <param name="PieceLength">Bytes of a piece; null in a magnet link.</param>
/// <param name="Pieces">Number of pieces; null in a magnet link.</param>
/// <param name="Private">BEP 27.</param>
/// <param name="Trackers">Announce URLs in order.</param>
/// <param name="Files">Files; empty in a magnet link.</param>
/// <param name="Magnet">The magnet link.</param>
/// <param name="Selected">Indices of the files that a magnet link selects (BEP 53), or null.</param>
/// <param name="WebSeeds">Web servers that have the files (BEP 19) or give pieces (BEP 17), or null.</param>
/// <param name="Peers">Peers that a magnet link names, or null.</param>
/// <param name="Comment">Free text in a torrent file, or null.</param>
/// <param name="CreatedBy">The program that made a torrent file, or null when it does not say.</param>
/// <param name="Created">When it was made, or null when it does not say.</param>
internal sealed record TorrentDescription(
    string? Name, string? V1, string? V2, long? Size, int? PieceLength, int? Pieces, bool Private,
    IReadOnlyList<string> Trackers, IReadOnlyList<TorrentEntry> Files, string Magnet, string? Selected = null,
    IReadOnlyList<string>? WebSeeds = null, IReadOnlyList<string>? Peers = null,
    string? Comment = null, string? CreatedBy = null, DateTimeOffset? Created = null);

/// <summary>A file of a torrent.</summary>
/// <param name="Index">Its number in the torrent, padding counted (BEP 53).</param>
/// <param name="Path">Relative path.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Root">Root of its hash tree, 64 hex digits; null in v1 torrents and for empty files.</param>
/// <param name="Executable">BEP 47's attribute x.</param>
/// <param name="Hidden">BEP 47's attribute h.</param>
/// <param name="Link">Where a symbolic link leads, from the torrent's folder, or null.</param>
internal sealed record TorrentEntry(
    int Index, string Path, long Size, string? Root, bool Executable, bool Hidden, string? Link);

/// <summary>What <c>pier install</c> and <c>pier uninstall</c> did.</summary>
/// <param name="Engine">For which engine.</param>
/// <param name="Files">Files that changed.</param>
/// <param name="Remarks">What to know or do besides.</param>
/// <param name="DryRun">True when nothing was written.</param>
/// <param name="Reloaded">True when the engine was made to read its files anew.</param>
/// <param name="Command">What to run so that the engine does, or null.</param>
internal sealed record InstallReport(
    string Engine, IReadOnlyList<InstalledFile> Files, IReadOnlyList<string> Remarks, bool DryRun, bool Reloaded, string? Command);

/// <summary>A file that changed.</summary>
/// <param name="Path">Which.</param>
/// <param name="Change">made, changed or removed.</param>
/// <param name="Diff">How, as <c>diff -u</c> shows it, secrets blotted out.</param>
internal sealed record InstalledFile(string Path, string Change, string Diff);

/// <summary>JSON of what the CLI finds out without the daemon.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WrittenPath))]
[JsonSerializable(typeof(UserNames))]
[JsonSerializable(typeof(Versions))]
[JsonSerializable(typeof(TorrentDescription))]
[JsonSerializable(typeof(InstallReport))]
[JsonSerializable(typeof(TopReport))]
internal sealed partial class CliJson : JsonSerializerContext;
