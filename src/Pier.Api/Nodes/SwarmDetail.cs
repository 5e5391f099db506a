namespace Pier.Api.Nodes;

/// <summary>The torrents a node takes part in: what <c>pier swarm ls</c> shows.</summary>
/// <param name="Swarms">By name.</param>
public sealed record SwarmList(IReadOnlyList<SwarmStatus> Swarms);

/// <summary>One torrent with its peers: what <c>pier swarm show</c> shows.</summary>
/// <param name="Summary">The torrent.</param>
/// <param name="V1">Its v1 info-hash, 40 hex digits; null when it has none.</param>
/// <param name="V2">Its v2 info-hash, 64 hex digits; null when it has none.</param>
/// <param name="TwinV1">The info-hash under which the same swarm serves clients that cannot read hybrids; null when it does not.</param>
/// <param name="Selected">Bytes of the pieces that are wanted, padding included; 0 until the metadata is known.</param>
/// <param name="Missing">Bytes of those that are not here yet.</param>
/// <param name="Copies">Copies of the rarest piece among the connected peers, and as a fraction the share of pieces that are less rare.</param>
/// <param name="PieceLength">Bytes of a piece; 0 until the metadata is known.</param>
/// <param name="Pieces">Number of pieces; 0 until the metadata is known.</param>
/// <param name="PiecesHave">Pieces that are proved and stored.</param>
/// <param name="PieceMap">Which: base64 of one bit a piece, the high bit of the first byte being piece 0 (BEP 3).</param>
/// <param name="Waste">What came in vain.</param>
/// <param name="HashFailures">Pieces whose hash did not agree.</param>
/// <param name="Violations">Connections hung up on because the peer broke the protocol.</param>
/// <param name="Gone">What passed over connections that have ended; with that of the peers it makes up the torrent's sums.</param>
/// <param name="Trackers">Where it is announced.</param>
/// <param name="KnownPeers">Addresses known, by how they were learned: told, tracker, dht, exchange, local, incoming.</param>
/// <param name="BanCount">Peers banned by this torrent.</param>
/// <param name="Bans">The last of them.</param>
/// <param name="Peers">Connected peers.</param>
public sealed record SwarmDetail(
    SwarmStatus Summary,
    string? V1,
    string? V2,
    string? TwinV1,
    long Selected,
    long Missing,
    double Copies,
    int PieceLength,
    int Pieces,
    int PiecesHave,
    string PieceMap,
    SwarmWaste Waste,
    int HashFailures,
    int Violations,
    GoneTraffic Gone,
    IReadOnlyList<TrackerState> Trackers,
    IReadOnlyDictionary<string, int> KnownPeers,
    int BanCount,
    IReadOnlyList<BanStatus> Bans,
    IReadOnlyList<PeerStatus> Peers);

/// <summary>Bytes that came in vain.</summary>
/// <param name="Duplicate">After another peer's copy.</param>
/// <param name="Unrequested">Unasked, or after the request was cancelled.</param>
/// <param name="Failed">Of pieces that failed their hash.</param>
/// <param name="Dropped">Of pieces that were given up before they were whole.</param>
public sealed record SwarmWaste(long Duplicate, long Unrequested, long Failed, long Dropped);

/// <summary>What passed over connections that have ended.</summary>
/// <param name="Downloaded">Bytes received.</param>
/// <param name="Uploaded">Bytes sent.</param>
/// <param name="Wasted">Bytes received twice or unasked.</param>
public sealed record GoneTraffic(long Downloaded, long Uploaded, long Wasted);

/// <summary>A tracker of a torrent.</summary>
/// <param name="Tracker">Scheme and host; the rest of its address may be a secret.</param>
/// <param name="Tier">0 is asked first (BEP 12).</param>
/// <param name="Answered">Whether its last answer was one; null before the first.</param>
/// <param name="Problem">Why not.</param>
public sealed record TrackerState(string Tracker, int Tier, bool? Answered, string? Problem);

/// <summary>A banned peer.</summary>
/// <param name="Address">Address and port.</param>
/// <param name="Reason">What it did.</param>
/// <param name="At">When.</param>
public sealed record BanStatus(string Address, string Reason, DateTimeOffset At);

/// <summary>A connected peer.</summary>
/// <param name="Address">Address and port.</param>
/// <param name="Client">What it calls itself.</param>
/// <param name="Source">told, tracker, dht, exchange, local, incoming or webseed.</param>
/// <param name="Class">How near it is, and so whose limits hold for it: host, cluster, subnet or world.</param>
/// <param name="Pieces">Pieces it has.</param>
/// <param name="DownloadRate">Bytes per second it sends.</param>
/// <param name="UploadRate">Bytes per second it gets.</param>
/// <param name="Downloaded">Bytes it sent.</param>
/// <param name="Uploaded">Bytes it got.</param>
/// <param name="Requested">Blocks that it owes us.</param>
/// <param name="Wasted">Bytes it sent twice or unasked.</param>
/// <param name="WeAreInterested">We want pieces of it.</param>
/// <param name="ItIsInterested">It wants pieces of us.</param>
/// <param name="ItChokes">It does not answer our requests for now.</param>
/// <param name="WeChoke">We do not answer its requests for now.</param>
/// <param name="Snubbing">It owes blocks and sends none.</param>
/// <param name="UploadOnly">It says that it only uploads.</param>
/// <param name="Encrypted">All that passes is encrypted.</param>
/// <param name="Outgoing">We connected to it.</param>
public sealed record PeerStatus(
    string Address,
    string Client,
    string Source,
    string Class,
    int Pieces,
    long DownloadRate,
    long UploadRate,
    long Downloaded,
    long Uploaded,
    int Requested,
    long Wasted,
    bool WeAreInterested,
    bool ItIsInterested,
    bool ItChokes,
    bool WeChoke,
    bool Snubbing,
    bool UploadOnly,
    bool Encrypted,
    bool Outgoing);
