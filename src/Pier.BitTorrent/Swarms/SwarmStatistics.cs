using System.Net;

namespace Pier.BitTorrent.Swarms;

/// <summary>A snapshot of one swarm, renewed about once a second.</summary>
public sealed record SwarmStatistics
{
    /// <summary>Nothing has happened yet.</summary>
    public static SwarmStatistics Empty { get; } = new();

    /// <summary>What the swarm is doing.</summary>
    public SwarmState State { get; init; }

    /// <summary>Bytes of blocks received, good or bad.</summary>
    public long Downloaded { get; init; }

    /// <summary>Bytes of blocks sent.</summary>
    public long Uploaded { get; init; }

    /// <summary>Bytes per second of blocks received, over the last seconds.</summary>
    public double DownloadRate { get; init; }

    /// <summary>Bytes per second of blocks sent, over the last seconds.</summary>
    public double UploadRate { get; init; }

    /// <summary>Pieces that are proved and stored.</summary>
    public int PiecesHave { get; init; }

    /// <summary>Pieces of the torrent; 0 while its metadata is unknown.</summary>
    public int PieceCount { get; init; }

    /// <summary>Bytes of the selected pieces; 0 while the torrent's metadata is unknown.</summary>
    public long SelectedBytes { get; init; }

    /// <summary>Bytes of the selected pieces that are not stored yet.</summary>
    public long MissingBytes { get; init; }

    /// <summary>Whether nothing is wanted of any peer (BEP 21): everything selected is here, and no reader waits.</summary>
    public bool IsUploadOnly { get; init; }

    /// <summary>Bytes of blocks that came twice.</summary>
    public long Duplicate { get; init; }

    /// <summary>Bytes of blocks that nobody had asked for, or that came after they were cancelled.</summary>
    public long Unrequested { get; init; }

    /// <summary>Bytes of blocks that were thrown away because their piece failed its hash.</summary>
    public long Failed { get; init; }

    /// <summary>Connections that were hung up on because the peer broke the protocol.</summary>
    public int Violations { get; init; }

    /// <summary>Pieces whose hash did not agree.</summary>
    public int HashFailures { get; init; }

    /// <summary>Addresses banned by this swarm for what they sent.</summary>
    public int Bans { get; init; }

    /// <summary>Addresses known, connected or not.</summary>
    public int KnownPeers { get; init; }

    /// <summary>The peers connected now.</summary>
    public IReadOnlyList<PeerStatistics> Peers { get; init; } = [];
}

/// <summary>A snapshot of one connected peer.</summary>
/// <param name="EndPoint">Where it is connected.</param>
/// <param name="Client">What it calls itself: BEP 10's <c>v</c>, else its peer id.</param>
/// <param name="Outgoing">Whether we connected.</param>
/// <param name="Downloaded">Bytes of blocks it sent.</param>
/// <param name="Uploaded">Bytes of blocks it got.</param>
/// <param name="DownloadRate">Bytes per second it sends.</param>
/// <param name="UploadRate">Bytes per second it gets.</param>
/// <param name="Pieces">Pieces it has.</param>
/// <param name="Choking">It does not answer requests for now.</param>
/// <param name="Choked">We do not answer its requests for now.</param>
/// <param name="Interested">We want pieces of it.</param>
/// <param name="Snubbing">It owes blocks and sends none.</param>
public sealed record PeerStatistics(
    IPEndPoint EndPoint,
    string Client,
    bool Outgoing,
    long Downloaded,
    long Uploaded,
    double DownloadRate,
    double UploadRate,
    int Pieces,
    bool Choking,
    bool Choked,
    bool Interested,
    bool Snubbing);
