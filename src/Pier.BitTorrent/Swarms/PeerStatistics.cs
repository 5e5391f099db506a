using System.Net;
using Pier.BitTorrent.Peers;

namespace Pier.BitTorrent.Swarms;

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
    bool Snubbing)
{
    /// <summary>How it was found.</summary>
    public PeerSource Source { get; init; }

    /// <summary>It wants pieces of us.</summary>
    public bool IsInterested { get; init; }

    /// <summary>It says that it only uploads (BEP 21).</summary>
    public bool IsUploadOnly { get; init; }

    /// <summary>Blocks that it owes us.</summary>
    public int Requested { get; init; }

    /// <summary>Bytes of blocks that it sent after another had.</summary>
    public long Duplicate { get; init; }

    /// <summary>Bytes of blocks that it sent unasked.</summary>
    public long Unrequested { get; init; }
}
