using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Wire;

/// <summary>
/// What a peer says under <c>pier</c> in its extension handshake on a rendezvous connection (design §4): the names and size of
/// the bytes that were met for.
/// </summary>
/// <param name="Size">Bytes of the blob.</param>
/// <param name="V1">Its v1 info-hash.</param>
/// <param name="V2">Its v2 info-hash.</param>
internal sealed record PierClaim(long Size, InfoHash V1, InfoHashV2 V2);
