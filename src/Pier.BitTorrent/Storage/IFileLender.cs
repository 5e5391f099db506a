using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Storage;

/// <summary>Knows whole files elsewhere on this machine, so that a torrent that has one of them neither fetches nor keeps it again.</summary>
public interface IFileLender
{
    /// <summary>Lends a file.</summary>
    /// <param name="root">Root of its hash tree, which names its bytes whatever the torrent's piece length is (BEP 52).</param>
    /// <param name="length">Bytes.</param>
    /// <param name="cancellationToken">Gives up looking.</param>
    /// <returns>The file, proved to have that root; null when it is not here.</returns>
    ValueTask<ILentFile?> LendAsync(MerkleRoot root, long length, CancellationToken cancellationToken);
}
