using System.Net;
using Pier.BitTorrent.Torrents;
using Pier.Content.Contracts;

namespace Pier.Fetch.Sources.Swarms;

/// <summary>Somebody's word that a blob is a torrent.</summary>
/// <param name="Id">Its info-hashes.</param>
/// <param name="Size">Length of the blob in bytes.</param>
/// <param name="Peers">Where the tellers' BitTorrent engines listen; more may come while the swarm is at work.</param>
/// <param name="Trust">Whether members vouch for it, so that proved pieces may be shown at once (design §3.6).</param>
internal sealed record SwarmClaim(TorrentId Id, long Size, IReadOnlyCollection<IPEndPoint> Peers, SourceTrust Trust = SourceTrust.AtOnce)
{
    /// <inheritdoc/>
    public override string ToString() => Trust == SourceTrust.AtOnce ? $"swarm {Id.Primary}" : $"strangers' swarm {Id.Primary} of {Size} bytes";
}
