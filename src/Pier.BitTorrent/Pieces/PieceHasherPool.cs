using System.Collections.Concurrent;
using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Provisional;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Pieces;

/// <summary>
/// Lends the hashers of one torrent to the workers that check its pieces. A worker may still hold one when the torrent is
/// removed, so their native state is left to its own finalizers.
/// </summary>
internal sealed class PieceHasherPool(Metainfo metainfo)
{
    // The stronger hash where its layers are known; a magnet's hybrid is checked by SHA-1 until then.
    private readonly PieceCheck _check = KnowsAllLayers(metainfo) ? PieceCheck.V2 : PieceCheck.V1;
    private readonly ConcurrentBag<PieceHasher> _idle = [];

    /// <summary>The hashes that stand in for the torrent's while it is provisional.</summary>
    public VouchedPieces? Vouched { get; init; }

    /// <summary>Whether pieces are checked by SHA-1 alone, so that several of one length can be hashed side by side.</summary>
    public bool UsesSha1 => _check == PieceCheck.V1 && Vouched is null;

    /// <summary>Whether that is the torrent's SHA-1 of a piece (BEP 3).</summary>
    public bool IsSha1Of(int piece, ReadOnlySpan<byte> hash) => hash.SequenceEqual(metainfo.V1PieceHash(piece));

    /// <summary>Whether a piece's bytes have the torrent's hash.</summary>
    public bool Check(int piece, ReadOnlySpan<byte> bytes)
    {
        if (Vouched is { } vouched)
        {
            return vouched.Check(piece, bytes);
        }

        if (!_idle.TryTake(out var hasher))
        {
            hasher = new PieceHasher(metainfo, _check);
        }

        var matches = hasher.Matches(piece, bytes);
        _idle.Add(hasher);
        return matches;
    }

    /// <summary>Bytes of a piece that are content and not padding, as far as hash trees know the difference.</summary>
    public int ContentOf(int piece) =>
        BlockTree.Covers(metainfo, piece) ? BlockTree.Of(metainfo, piece).Content : metainfo.Layout.PieceSize(piece);

    /// <summary>Whether the torrent has v2 hashes and every file's layer is known.</summary>
    public static bool KnowsAllLayers(Metainfo metainfo)
    {
        if (!metainfo.HasV2)
        {
            return false;
        }

        for (var file = 0; file < metainfo.Files.Count; file++)
        {
            if (metainfo.Files[file].Length > metainfo.PieceLength
                && !metainfo.Files[file].IsPadding
                && metainfo.PieceLayer(file).IsEmpty)
            {
                return false;
            }
        }

        return true;
    }
}
