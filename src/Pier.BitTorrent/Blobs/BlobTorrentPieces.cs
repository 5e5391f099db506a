using System.Buffers;
using System.Security.Cryptography;
using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Blobs;

/// <summary>
/// The hashes of a blob torrent piece by piece, in any order: what has arrived is hashed while the rest is under way. Several
/// workers may hash different pieces at once.
/// </summary>
/// <param name="size">Bytes of the blob, at least one.</param>
public sealed class BlobTorrentPieces(long size)
{
    private const int ReadSize = 256 << 10;

    private readonly int _pieceLength = BlobTorrent.PieceLengthFor(size);
    private readonly byte[] _v1 = new byte[CountOf(size) * SHA1.HashSizeInBytes];
    private readonly byte[] _layer = new byte[CountOf(size) * MerkleTree.HashSize];
    private readonly int[] _done = new int[CountOf(size)];

    /// <summary>Reads bytes of the blob.</summary>
    /// <returns>Bytes read; 0 when they are not there.</returns>
    public delegate int ReadAt(long offset, Span<byte> buffer);

    /// <summary>Bytes of the blob.</summary>
    public long Size => size;

    /// <summary>Number of pieces.</summary>
    public int Count => _done.Length;

    /// <summary>Bytes of every piece but the last.</summary>
    public int PieceLength => _pieceLength;

    /// <summary>Whether a piece is hashed.</summary>
    public bool IsDone(int piece) => Volatile.Read(ref _done[piece]) != 0;

    /// <summary>Hashes one piece; false when its bytes are not all there.</summary>
    public bool TryHash(int piece, ReadAt read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(read);
        using var worker = new Worker(this);
        return worker.TryHash(piece, read, cancellationToken);
    }

    /// <summary>The finished torrent.</summary>
    /// <param name="sha256Hex">The blob's digest, which the caller has checked: 64 lower-case hexadecimal digits.</param>
    /// <exception cref="InvalidOperationException">A piece is not hashed.</exception>
    public Metainfo Complete(string sha256Hex)
    {
        for (var piece = 0; piece < Count; piece++)
        {
            if (!IsDone(piece))
            {
                throw new InvalidOperationException($"piece {piece} of {Count} is not hashed");
            }
        }

        return BlobTorrent.Create(sha256Hex, size, _v1, FileTreeHash.FromLayer(_layer, _pieceLength));
    }

    private static int CountOf(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        return checked((int)((size - 1) / BlobTorrent.PieceLengthFor(size)) + 1);
    }

    /// <summary>Hashes pieces one after another with the same buffers.</summary>
    internal sealed class Worker(BlobTorrentPieces pieces) : IDisposable
    {
        private readonly IncrementalHash _sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        private readonly BlockTreeHasher _tree = new();
        private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(ReadSize);

        /// <summary>Hashes one piece; false when its bytes are not all there.</summary>
        public bool TryHash(int piece, ReadAt read, CancellationToken cancellationToken)
        {
            var offset = (long)piece * pieces._pieceLength;
            var end = Math.Min(pieces.Size, offset + pieces._pieceLength);
            while (offset < end)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var count = read(offset, _buffer.AsSpan(0, (int)Math.Min(ReadSize, end - offset)));
                if (count <= 0)
                {
                    Reset();
                    return false;
                }

                _sha1.AppendData(_buffer.AsSpan(0, count));
                _tree.Append(_buffer.AsSpan(0, count));
                offset += count;
            }

            _sha1.GetHashAndReset(pieces._v1.AsSpan(piece * SHA1.HashSizeInBytes));
            _tree.Root(pieces.Count > 1 ? MerkleTree.PieceLayerHeight(pieces._pieceLength) : 0, pieces._layer.AsSpan(piece * MerkleTree.HashSize));
            _tree.Reset();
            Volatile.Write(ref pieces._done[piece], 1);
            return true;
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            _sha1.Dispose();
            _tree.Dispose();
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        private void Reset()
        {
            Span<byte> ignored = stackalloc byte[SHA1.HashSizeInBytes];
            _sha1.GetHashAndReset(ignored);
            _tree.Reset();
        }
    }
}
