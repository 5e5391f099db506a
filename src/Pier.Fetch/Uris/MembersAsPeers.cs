using System.Net;
using Microsoft.Extensions.Hosting;
using Pier.Membership;
using Pier.Membership.Members;

namespace Pier.Fetch.Uris;

/// <summary>
/// Tells the torrents that somebody asked this node for of members who join or move later, as after a start, when none is known to
/// live yet. Any member may have a torrent; whoever made a private one has only its trackers tell of peers (BEP 27).
/// </summary>
internal sealed class MembersAsPeers(SharedSwarms swarms, IMembership membership) : BackgroundService
{
    /// <summary>Where the members that live listen for peers.</summary>
    public static IReadOnlyList<IPEndPoint> Of(MemberSnapshot members) => [.. members.Live.Select(static member => member.PeerEndpoint).OfType<IPEndPoint>()];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var members in membership.WatchAsync(stoppingToken))
        {
            var peers = Of(members);
            foreach (var swarm in swarms.All.Where(static swarm => swarm.Metainfo?.IsPrivate != true))
            {
                await swarm.AddPeersAsync(peers, stoppingToken);
            }
        }
    }
}
