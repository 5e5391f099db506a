using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Swarms.Meeting;

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

    /// <summary>Bytes of content, padding left out, of the pieces that are stored.</summary>
    public long HaveBytes { get; init; }

    /// <summary>
    /// How often the torrent is there among the connected peers: the whole part says how many copies of the rarest piece there
    /// are, the fraction of how many pieces there are more. Below 1 they cannot complete it. 0 while its metadata is unknown.
    /// </summary>
    public double Copies { get; init; }

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

    /// <summary>Bytes of blocks that were dropped with pieces that were given up before they were whole.</summary>
    public long Dropped { get; init; }

    /// <summary>What passed over connections that have ended; with that of <see cref="Peers"/> it makes up the sums here.</summary>
    public PeerTraffic Gone { get; init; }

    /// <summary>Connections that were hung up on because the peer broke the protocol.</summary>
    public int Violations { get; init; }

    /// <summary>Pieces whose hash did not agree.</summary>
    public int HashFailures { get; init; }

    /// <summary>Addresses banned by this swarm for what they sent.</summary>
    public int Bans { get; init; }

    /// <summary>Addresses known, connected or not.</summary>
    public int KnownPeers { get; init; }

    /// <summary>Those, by how they were learned.</summary>
    public IReadOnlyDictionary<PeerSource, int> Sources { get; init; } = new Dictionary<PeerSource, int>();

    /// <summary>The last peers banned.</summary>
    public IReadOnlyList<PeerBan> RecentBans { get; init; } = [];

    /// <summary>The peers connected now.</summary>
    public IReadOnlyList<PeerStatistics> Peers { get; init; } = [];
}
