namespace Pier.BitTorrent.Torrents;

/// <summary>What <c>attr</c> says of a file (BEP 47).</summary>
[Flags]
public enum TorrentFileAttributes
{
    /// <summary>An ordinary file.</summary>
    None = 0,

    /// <summary><c>p</c>: zeros that bring the next file to a piece boundary; never written to disk.</summary>
    Padding = 1,

    /// <summary><c>x</c></summary>
    Executable = 2,

    /// <summary><c>h</c></summary>
    Hidden = 4,

    /// <summary><c>l</c>: has no bytes, but <see cref="TorrentFile.SymlinkTarget"/>.</summary>
    Symlink = 8,
}
