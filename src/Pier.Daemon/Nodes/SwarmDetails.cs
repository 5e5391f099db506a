using Pier.Api.Nodes;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.Daemon.Containers;
using Pier.Daemon.Http;

namespace Pier.Daemon.Nodes;

/// <summary>Describes the node's torrents, and one of them with its peers.</summary>
internal sealed class SwarmDetails(BitTorrentEngine engine, SwarmNames names, ContainerSeeds containers)
{
    /// <summary>All torrents, by name.</summary>
    public SwarmList List() =>
        new(StatusRecords.Swarms(engine, containers));

    /// <summary>One torrent: by info-hash, blob digest, the beginning of either, or its name.</summary>
    /// <exception cref="ControlException">No torrent is called so, or several are.</exception>
    public async Task<SwarmDetail> DescribeAsync(string name, CancellationToken cancellationToken)
    {
        // One that rests has neither pieces nor peers to show.
        if (names.Resting(name) is [var resting] && await engine.WakeAsync(resting.Id, cancellationToken) is { } woken)
        {
            await woken.Completion.WaitAsync(cancellationToken);
        }
        return names.Find(name) is { } swarm
            ? Describe(swarm)
            : throw ControlException.NotFound($"No torrent here is called {name}.", "See 'pier swarm ls'.");
    }

    private SwarmDetail Describe(Swarm swarm)
    {
        var now = swarm.Statistics;
        return new SwarmDetail(
            StatusRecords.Swarm(swarm, containers),
            (swarm.Metainfo?.Id ?? swarm.Id).V1?.ToString(),
            (swarm.Metainfo?.Id ?? swarm.Id).V2?.ToString(),
            swarm.Spec.Twin?.Id.V1?.ToString(),
            now.SelectedBytes,
            now.MissingBytes,
            now.Copies,
            swarm.Metainfo?.PieceLength ?? 0,
            now.PieceCount,
            now.PiecesHave,
            Convert.ToBase64String(swarm.PieceMap()),
            new SwarmWaste(now.Duplicate, now.Unrequested, now.Failed, now.Dropped),
            now.HashFailures,
            now.Violations,
            new GoneTraffic(now.Gone.Downloaded, now.Gone.Uploaded, now.Gone.Duplicate + now.Gone.Unrequested),
            [.. swarm.Trackers.Select(tracker => new TrackerState(tracker.Tracker, tracker.Tier, tracker.Answered, tracker.Problem))],
            now.Sources.ToDictionary(source => Word(source.Key), source => source.Value, StringComparer.Ordinal),
            now.Bans,
            [.. now.RecentBans.Select(ban => new BanStatus(ban.EndPoint.ToString(), ban.Reason, ban.At))],
            [.. now.Peers.OrderByDescending(peer => peer.Traffic.Downloaded + peer.Traffic.Uploaded).Select(Describe)]);
    }

    private static PeerStatus Describe(PeerStatistics peer) => new(
        peer.EndPoint.ToString(), peer.Client, Word(peer.Source), Class(peer.Class), peer.Pieces,
        (long)peer.DownloadRate, (long)peer.UploadRate, peer.Traffic.Downloaded, peer.Traffic.Uploaded,
        peer.Requested, peer.Traffic.Duplicate + peer.Traffic.Unrequested,
        peer.Interested, peer.IsInterested, peer.Choking, peer.Choked, peer.Snubbing, peer.IsUploadOnly, peer.IsEncrypted, peer.Outgoing);

    // As below `limits` in the configuration.
    private static string Class(PeerClass near) => near switch
    {
        PeerClass.SameHost => "host",
        PeerClass.Cluster => "cluster",
        PeerClass.SameSubnet => "subnet",
        _ => "world",
    };

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
