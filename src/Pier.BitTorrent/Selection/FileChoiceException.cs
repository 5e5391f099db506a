namespace Pier.BitTorrent.Selection;

/// <summary>A choice of files is malformed, or names no file of the torrent; the message says which part of it.</summary>
public sealed class FileChoiceException(string message) : BitTorrentException(message);
