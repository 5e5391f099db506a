using System.Net;
using Pier.BitTorrent.Torrents;

namespace Pier.Fetch.Sources.Swarms;

/// <summary>Members' word that a blob is a torrent.</summary>
/// <param name="Id">Its info-hashes.</param>
/// <param name="Size">Length of the blob in bytes.</param>
/// <param name="Peers">Where the tellers' BitTorrent engines listen.</param>
internal sealed record SwarmClaim(TorrentId Id, long Size, IReadOnlyList<IPEndPoint> Peers)
{
    /// <inheritdoc/>
    public override string ToString() => $"swarm {Id.Primary}";
}
