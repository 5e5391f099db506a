using System.Text;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.WebSeeds;

/// <summary>A server that is asked for ranges of pieces by the torrent's v1 info-hash (BEP 17).</summary>
internal sealed class PieceAddresses(Uri seed, InfoHash infoHash, int pieceLength) : IWebSeedAddresses
{
    /// <inheritdoc/>
    public IEnumerable<WebSeedPart> PartsOf(long offset, long length)
    {
        while (length > 0)
        {
            var piece = offset / pieceLength;
            var from = offset % pieceLength;
            var take = Math.Min(length, pieceLength - from);
            yield return new WebSeedPart(AddressOf(piece, from, from + take - 1), take);
            offset += take;
            length -= take;
        }
    }

    private Uri AddressOf(long piece, long from, long last)
    {
        var query = new StringBuilder(seed.Query.Length > 1 ? seed.Query[1..] + "&" : "").Append("info_hash=");
        foreach (var value in infoHash.ToArray())
        {
            query.Append('%').Append(Convert.ToHexString([value]));
        }

        query.Append(System.Globalization.CultureInfo.InvariantCulture, $"&piece={piece}&ranges={from}-{last}");
        return new UriBuilder(seed) { Query = query.ToString() }.Uri;
    }
}
