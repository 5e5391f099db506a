namespace Pier.BitTorrent.Swarms;

/// <summary>Measures rates and publishes snapshots. Part of a swarm's loop.</summary>
internal sealed class SwarmReporter(SwarmPort port, PeerTable peers)
{
    private long _sampledAt = port.Time.GetTimestamp();
    private long _downloaded;
    private long _uploaded;
    private long _duplicate;
    private long _unrequested;

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
    public void Left(PeerSession session)
    {
        _downloaded += session.Link.Downloaded;
        _uploaded += session.Link.Uploaded;
        _duplicate += session.Link.Duplicate;
        _unrequested += session.Link.Unrequested;
    }

    /// <summary>Publishes a snapshot.</summary>
    public void Publish(SwarmState state, PiecePhase? pieces)
    {
        var sessions = peers.Sessions;
        if (IsUnchanged(port.Statistics, state, pieces))
        {
            return;
        }

        port.Statistics = new SwarmStatistics
        {
            State = state,
            Downloaded = _downloaded + sessions.Sum(session => session.Link.Downloaded),
            Uploaded = _uploaded + sessions.Sum(session => session.Link.Uploaded),
            DownloadRate = sessions.Sum(session => session.DownloadRate),
            UploadRate = sessions.Sum(session => session.UploadRate),
            PiecesHave = pieces?.HaveCount ?? 0,
            PieceCount = pieces?.PieceCount ?? 0,
            SelectedBytes = pieces?.SelectedBytes ?? 0,
            MissingBytes = pieces?.MissingBytes ?? 0,
            IsUploadOnly = pieces is { WantsMore: false },
            Duplicate = _duplicate + sessions.Sum(session => session.Link.Duplicate),
            Unrequested = _unrequested + sessions.Sum(session => session.Link.Unrequested),
            Violations = peers.Violations,
            HashFailures = pieces?.Failures.Count ?? 0,
            Failed = pieces?.Failures.Bytes ?? 0,
            Bans = peers.BanCount,
            KnownPeers = peers.KnownCount,
            Sources = peers.KnownSources(),
            RecentBans = [.. peers.RecentBans],
            Peers = [.. sessions.Select(Describe)],
        };
    }

    private static PeerStatistics Describe(PeerSession session) => new(
        session.Link.EndPoint,
        session.Client,
        session.Link.IsOutgoing,
        session.Link.Downloaded,
        session.Link.Uploaded,
        session.DownloadRate,
        session.UploadRate,
        session.Pieces?.Count ?? 0,
        session.IsChoking,
        session.Link.Outbox.IsChoked,
        session.AmInterested,
        session.IsSnubbing)
    {
        Source = session.Source,
        IsInterested = session.IsInterested,
        IsUploadOnly = session.Extension?.UploadOnly == true,
        Requested = session.Link.Requests.Count,
        Duplicate = session.Link.Duplicate,
        Unrequested = session.Link.Unrequested,
    };

    /// <summary>Thousands of torrents have nobody connected: their last snapshot stays true and costs nothing.</summary>
    private bool IsUnchanged(SwarmStatistics last, SwarmState state, PiecePhase? pieces) =>
        peers.Sessions.Count == 0
        && last.Peers.Count == 0
        && last.State == state
        && last.Downloaded == _downloaded
        && last.Uploaded == _uploaded
        && last.KnownPeers == peers.KnownCount
        && last.Violations == peers.Violations
        && last.Bans == peers.BanCount
        && last.PieceCount == (pieces?.PieceCount ?? 0)
        && last.PiecesHave == (pieces?.HaveCount ?? 0)
        && last.SelectedBytes == (pieces?.SelectedBytes ?? 0)
        && last.MissingBytes == (pieces?.MissingBytes ?? 0);
}
