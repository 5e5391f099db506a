using Pier.BitTorrent.Torrents;
using Pier.Content;

namespace Pier.Daemon.Containers;

/// <summary>Content that is what its label says.</summary>
/// <param name="Torrent">By which it is served.</param>
/// <param name="Seals">By which a change shows.</param>
/// <param name="Files">SHA-256 of each of its files that is not empty.</param>
internal sealed record ProvedData(Metainfo Torrent, BlockSeals Seals, IReadOnlyList<Digest> Files)
{
    private const int HashesOfPiece = 20 + 32;
    private const int BytesOfFile = 256;

    /// <summary>Bytes of content, and what its hashes and names take in memory beyond that, as if they were seals of content, too.</summary>
    public long Weight => WeightOf(Torrent.TotalLength, Torrent.PieceCount, Torrent.Files.Count);

    /// <summary>What content weighs, also before it is proved.</summary>
    public static long WeightOf(long length, long pieces, int files) =>
        length + (((HashesOfPiece * pieces) + (BytesOfFile * (long)files)) * BlockSeals.BlockSize / BlockSeals.SealSize);
}
