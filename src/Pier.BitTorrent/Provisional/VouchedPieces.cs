using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Pier.BitTorrent.Provisional;

/// <summary>The SHA-256 of each piece that the holder of the turn vouches for. Written by the swarm's loop and by checkers.</summary>
/// <param name="vouches">Whether this side is that holder, whose pieces are right because they are its own.</param>
internal sealed class VouchedPieces(bool vouches)
{
    private readonly ConcurrentDictionary<int, byte[]> _hashes = new();

    /// <summary>Notes the hash of a piece; false when it has one already.</summary>
    public bool TryAdd(int piece, byte[] sha256) => _hashes.TryAdd(piece, sha256);

    /// <summary>The hash of a piece; false while nobody vouches for it.</summary>
    public bool TryGet(int piece, [NotNullWhen(true)] out byte[]? sha256) => _hashes.TryGetValue(piece, out sha256);

    /// <summary>Whether a piece is what is vouched for.</summary>
    public bool Check(int piece, ReadOnlySpan<byte> bytes)
    {
        var hash = SHA256.HashData(bytes);
        if (vouches)
        {
            _hashes[piece] = hash;
            return true;
        }

        return _hashes.TryGetValue(piece, out var vouched) && vouched.AsSpan().SequenceEqual(hash);
    }
}
