using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Blobs;

/// <summary>Computes a blob torrent while the blob's bytes pass by in order, for instance on their way to disk.</summary>
public sealed class BlobTorrentHasher : IDisposable
{
    private readonly long _size;
    private readonly PieceListHasher _pieces;
    private readonly FileTreeHasher _tree;
    private long _seen;

    /// <param name="size">Bytes that will come, at least one.</param>
    public BlobTorrentHasher(long size)
    {
        var pieceLength = BlobTorrent.PieceLengthFor(size);
        _size = size;
        _pieces = new PieceListHasher(pieceLength);
        _tree = new FileTreeHasher(pieceLength);
    }

    /// <summary>Adds the next bytes.</summary>
    /// <exception cref="InvalidOperationException">More bytes than announced.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _size - _seen)
        {
            throw new InvalidOperationException($"{bytes.Length} bytes after {_seen} are more than the {_size} announced");
        }

        _pieces.Append(bytes);
        _tree.Append(bytes);
        _seen += bytes.Length;
    }

    /// <summary>The finished torrent. To be called once, after the last byte.</summary>
    /// <param name="sha256Hex">The blob's digest, which the caller has checked: 64 lower-case hexadecimal digits.</param>
    /// <exception cref="InvalidOperationException">Bytes are missing.</exception>
    public Metainfo Complete(string sha256Hex)
    {
        if (_seen != _size)
        {
            throw new InvalidOperationException($"only {_seen} of {_size} bytes came");
        }

        return BlobTorrent.Create(sha256Hex, _size, _pieces.Finish(), _tree.Finish());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pieces.Dispose();
        _tree.Dispose();
    }
}
