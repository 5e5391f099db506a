using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Creation;

/// <summary>
/// Gives a torrent the piece layers that it lacks, from its files (BEP 52): who fetched a hybrid by magnet link proved it by its
/// v1 hashes and never asked for them, but a <c>.torrent</c> file is refused without.
/// </summary>
public static class LayerCompletion
{
    private const int ReadSize = 1 << 20;

    /// <summary>The torrent with all its layers; itself when none is missing.</summary>
    /// <param name="metainfo">The torrent.</param>
    /// <param name="path">The file of a single-file torrent, the folder that holds the files of any other.</param>
    /// <param name="cancellationToken">Stops between reads.</param>
    /// <exception cref="TorrentCreationException">A file is not what the torrent says, or cannot be read.</exception>
    public static async Task<Metainfo> CompleteAsync(Metainfo metainfo, string path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(metainfo);
        ArgumentNullException.ThrowIfNull(path);
        var layers = new Dictionary<MerkleRoot, ReadOnlyMemory<byte>>();
        for (var index = 0; index < metainfo.Files.Count; index++)
        {
            var file = metainfo.Files[index];
            if (file.Length > metainfo.PieceLength && file.PiecesRoot is { } root && metainfo.PieceLayer(index).IsEmpty && !layers.ContainsKey(root))
            {
                layers[root] = await HashAsync(metainfo.IsSingleFile ? path : Path.Combine(path, file.RelativePath), root, metainfo.PieceLength, cancellationToken);
            }
        }

        return layers.Count == 0 ? metainfo : metainfo.WithProvedLayers(layers);
    }

    private static async Task<ReadOnlyMemory<byte>> HashAsync(string path, MerkleRoot root, int pieceLength, CancellationToken cancellationToken)
    {
        using var hasher = new FileTreeHasher(pieceLength);
        try
        {
            await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            var buffer = new byte[ReadSize];
            for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                hasher.Append(buffer.AsSpan(0, read));
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new TorrentCreationException(path, refused.Message, refused);
        }

        var hash = hasher.Finish();
        return hash.Root == root ? hash.Layer : throw new TorrentCreationException(path, "it is not what the torrent says");
    }
}
