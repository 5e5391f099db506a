namespace Pier.Api.Nodes;

/// <summary>The torrents a node takes part in: what <c>pier swarm ls</c> shows.</summary>
/// <param name="Swarms">By name.</param>
public sealed record SwarmList(IReadOnlyList<SwarmStatus> Swarms);

/// <summary>One torrent with its peers: what <c>pier swarm show</c> shows.</summary>
/// <param name="Summary">The torrent.</param>
/// <param name="PieceLength">Bytes of a piece; 0 until the metadata is known.</param>
/// <param name="Pieces">Number of pieces; 0 until the metadata is known.</param>
/// <param name="PiecesHave">Pieces that are proved and stored.</param>
/// <param name="PieceMap">Which: base64 of one bit a piece, the high bit of the first byte being piece 0 (BEP 3).</param>
/// <param name="Waste">What came in vain.</param>
/// <param name="HashFailures">Pieces whose hash did not agree.</param>
/// <param name="Violations">Connections hung up on because the peer broke the protocol.</param>
/// <param name="KnownPeers">Addresses known, by how they were learned: told, tracker, dht, exchange, local, incoming.</param>
/// <param name="BanCount">Peers banned by this torrent.</param>
/// <param name="Bans">The last of them.</param>
/// <param name="Peers">Connected peers.</param>
public sealed record SwarmDetail(
    SwarmStatus Summary,
    int PieceLength,
    int Pieces,
    int PiecesHave,
    string PieceMap,
    SwarmWaste Waste,
    int HashFailures,
    int Violations,
    IReadOnlyDictionary<string, int> KnownPeers,
    int BanCount,
    IReadOnlyList<BanStatus> Bans,
    IReadOnlyList<PeerStatus> Peers);

/// <summary>Bytes that came in vain.</summary>
/// <param name="Duplicate">After another peer's copy.</param>
/// <param name="Unrequested">Unasked, or after the request was cancelled.</param>
/// <param name="Failed">Of pieces that failed their hash.</param>
public sealed record SwarmWaste(long Duplicate, long Unrequested, long Failed);

/// <summary>A banned peer.</summary>
/// <param name="Address">Address and port.</param>
/// <param name="Reason">What it did.</param>
/// <param name="At">When.</param>
public sealed record BanStatus(string Address, string Reason, DateTimeOffset At);

/// <summary>A connected peer.</summary>
/// <param name="Address">Address and port.</param>
/// <param name="Client">What it calls itself.</param>
/// <param name="Source">told, tracker, dht, exchange, local, incoming or webseed.</param>
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
public sealed record PeerStatus(
    string Address,
    string Client,
    string Source,
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
    bool UploadOnly);
