using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Wire;

/// <summary>
/// What a peer says under <c>pier</c> in its extension handshake on a rendezvous connection (design §4): the names and size of
/// the bytes that were met for, or nothing when it only seeks them.
/// </summary>
/// <param name="Size">Bytes of the blob; 0 when seeking.</param>
/// <param name="Id">Its v1 and v2 info-hash; null when seeking.</param>
internal sealed record PierClaim(long Size, TorrentId? Id)
{
    /// <summary>Claims nothing.</summary>
    public static PierClaim Seeking { get; } = new(0, null);

    /// <summary>While the blob is provisional: whose word the sender follows or gives; empty when it follows nobody.</summary>
    public ReadOnlyMemory<byte> Claim { get; init; }

    /// <summary>While the blob is provisional: what the holder of the turn calls the sender; empty when it follows nobody.</summary>
    public ReadOnlyMemory<byte> Member { get; init; }
}
