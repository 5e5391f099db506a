using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms.Blocks;
using Pier.BitTorrent.Swarms.Meeting;

namespace Pier.BitTorrent.Swarms;

/// <summary>Measures rates and publishes snapshots. Part of a swarm's loop.</summary>
internal sealed class SwarmReporter(SwarmPort port, PeerTable peers)
{
    private long _sampledAt = port.Time.GetTimestamp();
    private PeerTraffic _gone;

    /// <summary>Looks at every connection's counts.</summary>
    public void Sample()
    {
        var now = port.Time.GetTimestamp();
        var elapsed = port.Time.GetElapsedTime(_sampledAt, now);
        _sampledAt = now;
        foreach (var session in peers.Sessions)
        {
            session.Sample(elapsed);
        }
    }

    /// <summary>A connection ended: what passed over it stays counted.</summary>
    public void Left(PeerSession session) => _gone = _gone.Plus(TrafficOf(session));

    /// <summary>Publishes a snapshot.</summary>
    public void Publish(SwarmState state, PiecePhase? pieces)
    {
        var sessions = peers.Sessions;
        var board = pieces?.Board;
        if (IsUnchanged(port.Statistics, state, board))
        {
            return;
        }

        // Connections go on counting meanwhile: each is read once, so that the sums are those of the peers shown.
        PeerStatistics[] now = [.. sessions.Select(Describe)];
        var total = now.Aggregate(_gone, (sum, peer) => sum.Plus(peer.Traffic));
        port.Statistics = new SwarmStatistics
        {
            State = state,
            Downloaded = total.Downloaded,
            Uploaded = total.Uploaded,
            DownloadRate = now.Sum(peer => peer.DownloadRate),
            UploadRate = now.Sum(peer => peer.UploadRate),
            PiecesHave = board?.Have.Count ?? 0,
            PieceCount = board?.Grid.PieceCount ?? 0,
            HaveBytes = board?.HaveBytes ?? 0,
            Copies = board?.Copies() ?? 0,
            SelectedBytes = board?.Demand.SelectedBytes ?? 0,
            MissingBytes = board?.Demand.MissingBytes ?? 0,
            IsUploadOnly = pieces is { WantsMore: false },
            Duplicate = total.Duplicate,
            Unrequested = total.Unrequested,
            Gone = _gone,
            Violations = peers.Violations,
            HashFailures = pieces?.Failures.Count ?? 0,
            Failed = pieces?.Failures.Bytes ?? 0,
            Dropped = pieces?.Downloader.Dropped ?? 0,
            Bans = peers.BanCount,
            KnownPeers = peers.KnownCount,
            Sources = peers.KnownSources(),
            RecentBans = [.. peers.RecentBans],
            Peers = now,
        };
    }

    private static PeerTraffic TrafficOf(PeerSession session) => new(
        session.Link.Downloaded, session.Link.Uploaded, session.Link.Duplicate, session.Link.Unrequested);

    private static PeerStatistics Describe(PeerSession session) => new(
        session.Link.EndPoint,
        session.Client,
        session.Link.IsOutgoing,
        TrafficOf(session),
        session.DownloadRate,
        session.UploadRate,
        session.Pieces?.Count ?? 0,
        session.IsChoking,
        session.Link.Outbox.IsChoked,
        session.AmInterested,
        session.IsSnubbing)
    {
        Class = session.Link.Class,
        Source = session.Source,
        IsInterested = session.IsInterested,
        IsUploadOnly = session.Extension?.UploadOnly == true,
        IsEncrypted = session.Link.IsEncrypted,
        Requested = session.Link.Requests.Count,
    };

    /// <summary>Thousands of torrents have nobody connected: their last snapshot stays true and costs nothing.</summary>
    private bool IsUnchanged(SwarmStatistics last, SwarmState state, PieceBoard? board) =>
        peers.Sessions.Count == 0
        && last.Peers.Count == 0
        && last.State == state
        && last.Gone == _gone
        && last.KnownPeers == peers.KnownCount
        && last.Violations == peers.Violations
        && last.Bans == peers.BanCount
        && last.PieceCount == (board?.Grid.PieceCount ?? 0)
        && last.PiecesHave == (board?.Have.Count ?? 0)
        && last.SelectedBytes == (board?.Demand.SelectedBytes ?? 0)
        && last.MissingBytes == (board?.Demand.MissingBytes ?? 0);
}
