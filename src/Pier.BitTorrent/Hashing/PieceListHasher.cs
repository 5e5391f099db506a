using System.Buffers;
using System.Security.Cryptography;

namespace Pier.BitTorrent.Hashing;

/// <summary>Computes the v1 <c>pieces</c> value (BEP 3): SHA-1 of each piece of the bytes appended in order.</summary>
internal sealed class PieceListHasher(int pieceLength) : IDisposable
{
    private readonly IncrementalHash _sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
    private readonly ArrayBufferWriter<byte> _hashes = new();
    private int _pieceBytes;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var take = Math.Min(bytes.Length, pieceLength - _pieceBytes);
            _sha1.AppendData(bytes[..take]);
            _pieceBytes += take;
            bytes = bytes[take..];
            if (_pieceBytes == pieceLength)
            {
                EndPiece();
            }
        }
    }

    /// <summary>Ends the last piece, however short, and gives the hashes of all. Nothing may be appended afterwards.</summary>
    public ReadOnlyMemory<byte> Finish()
    {
        if (_pieceBytes > 0)
        {
            EndPiece();
        }

        return _hashes.WrittenMemory;
    }

    public void Dispose() => _sha1.Dispose();

    private void EndPiece()
    {
        _sha1.GetHashAndReset(_hashes.GetSpan(SHA1.HashSizeInBytes));
        _hashes.Advance(SHA1.HashSizeInBytes);
        _pieceBytes = 0;
    }
}
