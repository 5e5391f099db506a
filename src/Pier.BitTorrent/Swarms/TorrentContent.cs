using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Torrents;
using Pier.Content;

namespace Pier.BitTorrent.Swarms;

/// <summary>A torrent whose metadata is known and whose storage is open: what connections need to serve and to receive.</summary>
/// <param name="Metainfo">The torrent.</param>
/// <param name="Grid">Its pieces and blocks.</param>
/// <param name="Have">The pieces that may be served; only the swarm adds to it.</param>
/// <param name="Storage">Where they are read.</param>
internal sealed record TorrentContent(Metainfo Metainfo, PieceGrid Grid, Bitfield Have, ITorrentStorage Storage)
{
    /// <summary>Whether all pieces of a range are here.</summary>
    public bool Has(ByteRange range)
    {
        var (piece, end) = Grid.PiecesOf(range);
        while (piece < end && Have[piece])
        {
            piece++;
        }

        return piece == end;
    }

    /// <summary>Bytes of a file that lie in pieces that are here.</summary>
    public long ArrivedOf(int file)
    {
        var entry = Metainfo.Files[file];
        var (first, end) = Grid.PiecesOf(new ByteRange(entry.Offset, entry.Length));
        var bytes = 0L;
        for (var piece = first; piece < end; piece++)
        {
            if (Have[piece])
            {
                bytes += Math.Min(Grid.OffsetOf(piece + 1), entry.End) - Math.Max(Grid.OffsetOf(piece), entry.Offset);
            }
        }

        return bytes;
    }
}
