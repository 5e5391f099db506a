using Pier.Api.Cluster;
using Pier.Api.Nodes;
using Pier.BitTorrent.Dht;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Resting;
using Pier.BitTorrent.Swarms;
using Pier.Daemon.Containers;
using Pier.Fetch.Delivery;
using Pier.Fetch.Status;
using Pier.Membership.Members;

namespace Pier.Daemon.Nodes;

/// <summary>What the rooms say of themselves, in the words of the control contract.</summary>
internal static class StatusRecords
{
    /// <summary>Bytes by source.</summary>
    public static Api.Nodes.SourceBytes Sources(Fetch.Status.SourceBytes bytes) =>
        new(bytes.Cache, bytes.Swarm, bytes.Members, bytes.Ipfs, bytes.Upstream);

    /// <summary>The DHT node, where there is one.</summary>
    public static DhtStatus? Dht(DhtStatistics? dht) => dht is null ? null : new(
        dht.Nodes, dht.Followed, dht.StoredPeers, dht.ExternalAddress?.ToString(), dht.QueriesSent, dht.QueriesAnswered, dht.Dropped);

    /// <summary>One delivery.</summary>
    public static FetchStatus Fetch(BlobDelivery delivery) => new(
        delivery.Digest.ToString(), delivery.Origin?.ToString(), delivery.Size,
        delivery.State switch { FetchState.Sealed => "sealed", FetchState.Failed => "failed", _ => "fetching" },
        Sources(delivery.Sources), (long)delivery.Rate);

    /// <summary>All torrents by name, those that rest included: they are seeded as well as the others.</summary>
    public static IReadOnlyList<SwarmStatus> Swarms(BitTorrentEngine engine, ContainerSeeds containers)
    {
        var running = engine.Swarms;
        var awake = running.Select(swarm => swarm.Id).ToHashSet();
        return
        [
            .. running.Select(swarm => Swarm(swarm, containers))
                .Concat(engine.Resting.Where(torrent => !awake.Contains(torrent.Id)).Select(torrent => Resting(torrent, containers)))
                .OrderBy(swarm => swarm.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>One that rests.</summary>
    private static SwarmStatus Resting(RestingTorrent torrent, ContainerSeeds containers) =>
        new(torrent.Id.Primary.ToString(), torrent.Name, "seeding", torrent.Length, torrent.Length, 0, 0, 0, 0, 0, 0, containers.NamesOf(torrent.Id));

    /// <summary>One swarm.</summary>
    public static SwarmStatus Swarm(Swarm swarm, ContainerSeeds containers)
    {
        var statistics = swarm.Statistics;
        var metainfo = swarm.Metainfo;
        var size = metainfo?.TotalLength ?? 0;
        return new SwarmStatus(
            swarm.Id.Primary.ToString(),
            metainfo?.Name ?? swarm.Id.ToString(),
            statistics.State switch
            {
                SwarmState.FetchingMetadata => "metadata",
                SwarmState.Opening => "opening",
                SwarmState.Downloading => "downloading",
                SwarmState.Seeding => "seeding",
                SwarmState.Finished => "finished",
                SwarmState.Failed => "failed",
                _ => "stopped",
            },
            size,
            statistics.HaveBytes,
            statistics.Peers.Count,
            statistics.Peers.Count(peer => statistics.PieceCount > 0 && peer.Pieces == statistics.PieceCount),
            (long)statistics.DownloadRate,
            (long)statistics.UploadRate,
            statistics.Downloaded,
            statistics.Uploaded,
            containers.NamesOf(swarm.Id),
            statistics.State == SwarmState.Failed ? swarm.Completion.Exception?.GetBaseException().Message : null);
    }

    /// <summary>The cluster's members, this node first; empty while it is alone.</summary>
    public static IReadOnlyList<MemberStatus> Members(MemberSnapshot cluster, TimeProvider clock) => cluster.IsJoined
        ? [Member(cluster.Self, self: true, clock.GetUtcNow()), .. cluster.Others.OrderBy(member => member.Name, StringComparer.Ordinal).Select(member => Member(member, self: false, clock.GetUtcNow()))]
        : [];

    private static MemberStatus Member(Member member, bool self, DateTimeOffset now) => new(
        member.Id.ToString(), member.Name, member.Endpoint.ToString() ?? "", self || member.IsLive, self, self ? now : member.LastSeen);
}
