using System.Collections.Concurrent;
using System.Security.Cryptography;
using Pier.BitTorrent.Hashing;

namespace Pier.BitTorrent.Pieces;

/// <summary>Complete pieces of one torrent and one length, to be hashed side by side. Used again once they are checked.</summary>
/// <param name="lender">Takes it back.</param>
internal sealed class PieceBatch(ConcurrentBag<PieceBatch> lender)
{
    /// <summary>The most that go side by side.</summary>
    public const int MostPieces = WideSha1.Lanes;

    // So few are faster one after another.
    private const int FewestPieces = 8;

    private readonly PieceJob[] _jobs = new PieceJob[MostPieces];
    private readonly ReadOnlyMemory<byte>[] _bytes = new ReadOnlyMemory<byte>[MostPieces];
    private readonly byte[] _hashes = new byte[MostPieces * SHA1.HashSizeInBytes];

    /// <summary>Pieces in it.</summary>
    public int Count { get; private set; }

    /// <summary>Whether no other finds room.</summary>
    public bool IsFull => Count == MostPieces;

    /// <summary>Whether it pays to hash them side by side.</summary>
    public bool IsWorthwhile => Count >= FewestPieces;

    /// <summary>One of them.</summary>
    public PieceJob this[int place] => _jobs[place];

    /// <summary>Puts a piece in.</summary>
    public void Add(PieceJob job)
    {
        _bytes[Count] = job.Buffer.Memory;
        _jobs[Count++] = job;
    }

    /// <summary>Hashes all.</summary>
    public void Hash() => WideSha1.HashMessages(_bytes.AsSpan(0, Count), _hashes);

    /// <summary>Whether a piece has the torrent's hash; after <see cref="Hash"/>.</summary>
    public bool Matches(int place) =>
        _jobs[place].Hashers.IsSha1Of(_jobs[place].Piece, _hashes.AsSpan(place * SHA1.HashSizeInBytes, SHA1.HashSizeInBytes));

    /// <summary>Empties it and gives it back.</summary>
    public void Return()
    {
        Array.Clear(_jobs);
        Array.Clear(_bytes);
        Count = 0;
        lender.Add(this);
    }
}
