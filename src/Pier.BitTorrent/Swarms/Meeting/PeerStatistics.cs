using System.Net;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Peers;

namespace Pier.BitTorrent.Swarms.Meeting;

/// <summary>A snapshot of one connected peer.</summary>
/// <param name="EndPoint">Where it is connected.</param>
/// <param name="Client">What it calls itself: BEP 10's <c>v</c>, else its peer id.</param>
/// <param name="Outgoing">Whether we connected.</param>
/// <param name="Traffic">What passed between it and us since it connected.</param>
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
    PeerTraffic Traffic,
    double DownloadRate,
    double UploadRate,
    int Pieces,
    bool Choking,
    bool Choked,
    bool Interested,
    bool Snubbing)
{
    /// <summary>How near it is, and so which limits hold for it.</summary>
    public PeerClass Class { get; init; }

    /// <summary>How it was found.</summary>
    public PeerSource Source { get; init; }

    /// <summary>It wants pieces of us.</summary>
    public bool IsInterested { get; init; }

    /// <summary>It says that it only uploads (BEP 21).</summary>
    public bool IsUploadOnly { get; init; }

    /// <summary>Whether all that passes is encrypted, not only how it began.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>Blocks that it owes us.</summary>
    public int Requested { get; init; }
}
