using System.Net;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Rendezvous;

/// <summary>
/// What a peer met on a rendezvous id says that the blob is (design §4): a claim, until metadata agrees with the info-hashes
/// and the whole blob with its digest.
/// </summary>
/// <param name="Id">The blob torrent's info-hashes.</param>
/// <param name="Size">Bytes of the blob.</param>
/// <param name="Teller">Who says so.</param>
public sealed record RendezvousClaim(TorrentId Id, long Size, IPEndPoint Teller);
