using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Torrents;
using Pier.Content;

namespace Pier.Benchmarks.Swarm;

/// <summary>A blob of random bytes with its torrent, hybrid and v1.</summary>
/// <param name="Folder">Holds the file under its digest's name.</param>
/// <param name="Hybrid">The blob torrent.</param>
/// <param name="V1">Its v1 half alone.</param>
/// <param name="Length">Bytes.</param>
internal sealed record BlobOnDisk(string Folder, Metainfo Hybrid, Metainfo V1, long Length)
{
    /// <summary>Writes a blob below the scratch folder.</summary>
    public static async Task<BlobOnDisk> WriteAsync(string scratch, long length, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(scratch, "seed")).FullName;
        var unnamed = Path.Combine(folder, "blob");
        using var hash = Digest.CreateHash(DigestAlgorithm.Sha256);
        using var hasher = new BlobTorrentHasher(length);
        var block = new byte[1 << 20];
        var random = new Random(1);
        await using (var file = File.Create(unnamed))
        {
            for (var written = 0L; written < length; written += block.Length)
            {
                random.NextBytes(block);
                var part = block.AsMemory(0, (int)Math.Min(block.Length, length - written));
                hash.AppendData(part.Span);
                hasher.Append(part.Span);
                await file.WriteAsync(part, cancellationToken);
            }
        }

        var digest = Digest.FromHash(DigestAlgorithm.Sha256, hash.GetHashAndReset());
        File.Move(unnamed, Path.Combine(folder, digest.Hex));
        var hybrid = hasher.Complete(digest.Hex);
        return new BlobOnDisk(folder, hybrid, V1Twin.Of(hybrid)!, length);
    }

    /// <summary>Writes a torrent of the blob to a file, with a tracker if given.</summary>
    public async Task<string> SaveAsync(Metainfo torrent, string path, string? tracker, CancellationToken cancellationToken)
    {
        var told = tracker is null ? torrent : torrent.WithEnvelope(new MetainfoEnvelope { TrackerTiers = [[tracker]] });
        await File.WriteAllBytesAsync(path, told.ToTorrentFile(), cancellationToken);
        return path;
    }
}
