using System.Net;
using Microsoft.Extensions.Hosting;
using Pier.BitTorrent.Torrents;
using Pier.Membership;
using Pier.Membership.Members;

namespace Pier.Fetch.Uris;

/// <summary>
/// Tells the torrents that somebody asked this node for of members who join or move later, as after a start, when none is known to
/// live yet.
/// </summary>
internal sealed class MembersAsPeers(SharedSwarms swarms, IMembership membership) : BackgroundService
{
    /// <summary>
    /// Where members listen that are asked for a torrent: all that live, since any may have it. Whoever made a private one has only its
    /// trackers tell of peers (BEP 27).
    /// </summary>
    /// <param name="torrent">The torrent; null while it is not known.</param>
    /// <param name="members">The cluster now.</param>
    public static IReadOnlyList<IPEndPoint> For(Metainfo? torrent, MemberSnapshot members) => torrent?.IsPrivate == true
        ? []
        : [.. members.Live.Select(static member => member.PeerEndpoint).OfType<IPEndPoint>()];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var members in membership.WatchAsync(stoppingToken))
        {
            foreach (var swarm in swarms.All)
            {
                await swarm.AddPeersAsync(For(swarm.Metainfo, members), stoppingToken);
            }
        }
    }
}
