using System.Buffers;

namespace Pier.BitTorrent.Hashing;

/// <summary>Computes the Merkle root and piece layer of one file (BEP 52) from its bytes appended in order.</summary>
internal sealed class FileTreeHasher(int pieceLength) : IDisposable
{
    private readonly BlockTreeHasher _piece = new();
    private readonly ArrayBufferWriter<byte> _layer = new();
    private int _pieceBytes;
    private long _length;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            // A full piece is closed only when more follows: a file of one piece has another tree than a first piece.
            if (_pieceBytes == pieceLength)
            {
                EndPiece(MerkleTree.PieceLayerHeight(pieceLength));
            }

            var take = Math.Min(bytes.Length, pieceLength - _pieceBytes);
            _piece.Append(bytes[..take]);
            _pieceBytes += take;
            _length += take;
            bytes = bytes[take..];
        }
    }

    /// <summary>Ends the file and makes ready for the next.</summary>
    public FileTreeHash Finish()
    {
        if (_pieceBytes > 0)
        {
            EndPiece(_length > pieceLength ? MerkleTree.PieceLayerHeight(pieceLength) : 0);
        }

        var hash = FileTreeHash.FromLayer(_layer.WrittenSpan.ToArray(), pieceLength);
        _layer.ResetWrittenCount();
        _length = 0;
        return hash;
    }

    public void Dispose() => _piece.Dispose();

    private void EndPiece(int minHeight)
    {
        _piece.Root(minHeight, _layer.GetSpan(MerkleTree.HashSize)[..MerkleTree.HashSize]);
        _layer.Advance(MerkleTree.HashSize);
        _piece.Reset();
        _pieceBytes = 0;
    }
}
