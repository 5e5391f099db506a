using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Creation;

/// <summary>One entry of a torrent about to be written: a source file with its tree, or padding.</summary>
internal sealed record HashedFile(
    string[] Path,
    long Length,
    TorrentFileAttributes Attributes,
    string[]? SymlinkTarget,
    FileTreeHash? Tree)
{
    public bool IsPadding => Attributes.HasFlag(TorrentFileAttributes.Padding);

    /// <summary>Padding as other makers write it: in a folder that clients hide, named by its size (BEP 47).</summary>
    public static HashedFile Padding(long length) => new(
        [".pad", length.ToString(System.Globalization.CultureInfo.InvariantCulture)],
        length,
        TorrentFileAttributes.Padding,
        SymlinkTarget: null,
        Tree: null);
}
