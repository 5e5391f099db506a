using System.Security.Cryptography;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Hashing;

/// <summary>
/// Checks pieces of one torrent, one after another, from bytes that come in any portions. Reuse one per worker: nothing is
/// allocated per piece. Not for use by two threads at once.
/// </summary>
public sealed class PieceHasher : IDisposable
{
    private readonly Metainfo _metainfo;
    private readonly IncrementalHash? _sha1;
    private readonly BlockTreeHasher? _tree;
    private int _piece = -1;
    private int _expected;
    private int _content;
    private int _seen;

    /// <exception cref="ArgumentException">The torrent has no hashes of that kind.</exception>
    public PieceHasher(Metainfo metainfo, PieceCheck check = PieceCheck.Cheapest)
    {
        ArgumentNullException.ThrowIfNull(metainfo);
        if (check == PieceCheck.Cheapest)
        {
            check = metainfo.HasV1 ? PieceCheck.V1 : PieceCheck.V2;
        }

        var v1 = check is PieceCheck.V1 or PieceCheck.Both;
        var v2 = check is PieceCheck.V2 or PieceCheck.Both;
        if ((v1 && !metainfo.HasV1) || (v2 && !metainfo.HasV2))
        {
            throw new ArgumentException($"torrent {metainfo.Id} cannot be checked by {check}", nameof(check));
        }

        _metainfo = metainfo;
        _sha1 = v1 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA1) : null;
        _tree = v2 ? new BlockTreeHasher() : null;
    }

    /// <summary>Begins a piece; what was begun before is forgotten.</summary>
    public void Begin(int piece)
    {
        var offset = _metainfo.Layout.PieceOffset(piece);
        _expected = _metainfo.Layout.PieceSize(piece);
        _content = _expected;
        if (_tree is not null)
        {
            // The tree of a hybrid's file does not cover the padding that fills its last piece.
            var file = _metainfo.Files[_metainfo.Layout.FileAt(offset)];
            _content = (int)Math.Min(_expected, file.End - offset);
            _tree.Reset();
        }

        if (_seen > 0)
        {
            Span<byte> ignored = stackalloc byte[SHA1.HashSizeInBytes];
            _sha1?.GetHashAndReset(ignored);
        }

        _seen = 0;
        _piece = piece;
    }

    /// <summary>Adds the next bytes of the piece.</summary>
    /// <exception cref="InvalidOperationException">No piece was begun, or more bytes than it has.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_piece < 0 || bytes.Length > _expected - _seen)
        {
            throw new InvalidOperationException($"{bytes.Length} bytes do not belong to piece {_piece} after {_seen} of {_expected}");
        }

        _sha1?.AppendData(bytes);
        _tree?.Append(bytes[..Math.Clamp(_content - _seen, 0, bytes.Length)]);
        _seen += bytes.Length;
    }

    /// <summary>Ends the piece: true when all its bytes came and every chosen hash agrees.</summary>
    /// <exception cref="InvalidOperationException">No piece was begun, or its file's piece layer is not known yet.</exception>
    public bool Matches()
    {
        if (_piece < 0)
        {
            throw new InvalidOperationException("no piece was begun");
        }

        var complete = _seen == _expected;
        var matches = complete && MatchesV1() && MatchesV2();
        Begin(_piece);
        _piece = -1;
        return matches;
    }

    /// <summary>Checks a whole piece at once.</summary>
    public bool Matches(int piece, ReadOnlySpan<byte> bytes)
    {
        Begin(piece);
        if (bytes.Length != _expected)
        {
            return false;
        }

        Append(bytes);
        return Matches();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sha1?.Dispose();
        _tree?.Dispose();
    }

    private bool MatchesV1()
    {
        if (_sha1 is null)
        {
            return true;
        }

        Span<byte> actual = stackalloc byte[SHA1.HashSizeInBytes];
        _sha1.GetCurrentHash(actual);
        return actual.SequenceEqual(_metainfo.V1PieceHash(_piece));
    }

    private bool MatchesV2()
    {
        if (_tree is null)
        {
            return true;
        }

        Span<byte> expected = stackalloc byte[MerkleTree.HashSize];
        if (!_metainfo.TryGetV2PieceHash(_piece, expected))
        {
            throw new InvalidOperationException($"the piece layer for piece {_piece} of {_metainfo.Id} is not known yet");
        }

        // A file no longer than a piece hashes to its root, whose tree is only as high as its own blocks need.
        var file = _metainfo.Files[_metainfo.Layout.FileAt(_metainfo.Layout.PieceOffset(_piece))];
        var height = file.Length > _metainfo.PieceLength ? MerkleTree.PieceLayerHeight(_metainfo.PieceLength) : 0;
        Span<byte> actual = stackalloc byte[MerkleTree.HashSize];
        _tree.Root(height, actual);
        return actual.SequenceEqual(expected);
    }
}
