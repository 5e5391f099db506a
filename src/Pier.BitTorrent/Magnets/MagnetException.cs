namespace Pier.BitTorrent.Magnets;

/// <summary>The only exception that reading a magnet link throws: what is wrong with it.</summary>
public sealed class MagnetException(string problem) : BitTorrentException($"the magnet link is refused: {problem}");
