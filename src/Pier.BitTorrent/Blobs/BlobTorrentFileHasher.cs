using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Blobs;

/// <summary>Computes a blob torrent from a sealed file, several pieces at once.</summary>
public static class BlobTorrentFileHasher
{
    private const int ReadSize = 256 << 10;

    /// <param name="file">Open for reading.</param>
    /// <param name="size">Bytes of the file, at least one.</param>
    /// <param name="sha256Hex">The blob's digest, which the caller has checked.</param>
    /// <param name="workers">Pieces hashed at the same time, each on a thread of the pool.</param>
    /// <param name="cancellationToken">Stops between reads.</param>
    /// <exception cref="EndOfStreamException">The file is shorter than <paramref name="size"/>.</exception>
    public static async Task<Metainfo> HashAsync(
        SafeFileHandle file,
        long size,
        string sha256Hex,
        int workers,
        CancellationToken cancellationToken)
    {
        BlobTorrent.CheckDigest(sha256Hex);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        var hashing = new Work(file, size);
        var running = new Task[Math.Min(workers, hashing.PieceCount)];
        for (var index = 0; index < running.Length; index++)
        {
            running[index] = Task.Run(() => hashing.Run(cancellationToken), cancellationToken);
        }

        await Task.WhenAll(running).ConfigureAwait(false);
        return BlobTorrent.Create(sha256Hex, size, hashing.V1Hashes, FileTreeHash.FromLayer(hashing.Layer, hashing.PieceLength));
    }

    /// <summary>What the workers of one file share: the next piece to take, and where the hashes go.</summary>
    private sealed class Work(SafeFileHandle file, long size)
    {
        private int _next = -1;

        public int PieceLength { get; } = BlobTorrent.PieceLengthFor(size);

        public int PieceCount { get; } = checked((int)((size - 1) / BlobTorrent.PieceLengthFor(size)) + 1);

        public byte[] V1Hashes { get; } = new byte[(((size - 1) / BlobTorrent.PieceLengthFor(size)) + 1) * SHA1.HashSizeInBytes];

        public byte[] Layer { get; } = new byte[(((size - 1) / BlobTorrent.PieceLengthFor(size)) + 1) * MerkleTree.HashSize];

        public void Run(CancellationToken cancellationToken)
        {
            using var sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
            using var tree = new BlockTreeHasher();
            var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
            try
            {
                for (var piece = Interlocked.Increment(ref _next); piece < PieceCount; piece = Interlocked.Increment(ref _next))
                {
                    HashPiece(piece, sha1, tree, buffer.AsSpan(0, ReadSize), cancellationToken);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        private void HashPiece(int piece, IncrementalHash sha1, BlockTreeHasher tree, Span<byte> buffer, CancellationToken cancellationToken)
        {
            var offset = (long)piece * PieceLength;
            var end = Math.Min(size, offset + PieceLength);
            while (offset < end)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var read = RandomAccess.Read(file, buffer[..(int)Math.Min(buffer.Length, end - offset)], offset);
                if (read == 0)
                {
                    throw new EndOfStreamException($"the blob's file ends at byte {offset} of {size}");
                }

                sha1.AppendData(buffer[..read]);
                tree.Append(buffer[..read]);
                offset += read;
            }

            sha1.GetHashAndReset(V1Hashes.AsSpan(piece * SHA1.HashSizeInBytes));
            tree.Root(PieceCount > 1 ? MerkleTree.PieceLayerHeight(PieceLength) : 0, Layer.AsSpan(piece * MerkleTree.HashSize));
            tree.Reset();
        }
    }
}
