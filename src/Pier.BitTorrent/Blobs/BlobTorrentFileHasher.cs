using Microsoft.Win32.SafeHandles;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Blobs;

/// <summary>Computes a blob torrent from a sealed file, several pieces at once.</summary>
public static class BlobTorrentFileHasher
{
    /// <param name="file">Open for reading.</param>
    /// <param name="size">Bytes of the file, at least one.</param>
    /// <param name="sha256Hex">The blob's digest, which the caller has checked.</param>
    /// <param name="workers">Pieces hashed at the same time, each on a thread of the pool.</param>
    /// <param name="cancellationToken">Stops between reads.</param>
    /// <param name="known">Pieces of this blob that were hashed while it arrived, by nobody any more; null for none.</param>
    /// <exception cref="EndOfStreamException">The file is shorter than <paramref name="size"/>.</exception>
    public static async Task<Metainfo> HashAsync(
        SafeFileHandle file,
        long size,
        string sha256Hex,
        int workers,
        CancellationToken cancellationToken,
        BlobTorrentPieces? known = null)
    {
        BlobTorrent.CheckDigest(sha256Hex);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        var pieces = known ?? new BlobTorrentPieces(size);
        var missing = Enumerable.Range(0, pieces.Count).Where(piece => !pieces.IsDone(piece)).ToArray();
        var next = -1;
        var running = new Task[Math.Min(workers, missing.Length)];
        for (var index = 0; index < running.Length; index++)
        {
            running[index] = Task.Run(Work, cancellationToken);
        }

        await Task.WhenAll(running).ConfigureAwait(false);
        return pieces.Complete(sha256Hex);

        void Work()
        {
            using var worker = new BlobTorrentPieces.Worker(pieces);
            for (var turn = Interlocked.Increment(ref next); turn < missing.Length; turn = Interlocked.Increment(ref next))
            {
                if (!worker.TryHash(missing[turn], (offset, buffer) => RandomAccess.Read(file, buffer, offset), cancellationToken))
                {
                    throw new EndOfStreamException($"the blob's file ends within piece {missing[turn]} of {pieces.Count}");
                }
            }
        }
    }
}
