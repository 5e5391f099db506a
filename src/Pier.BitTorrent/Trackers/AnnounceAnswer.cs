using System.Net;
using Pier.BitTorrent.Peers;

namespace Pier.BitTorrent.Trackers;

/// <summary>What a tracker answered to an announce.</summary>
public sealed record AnnounceAnswer
{
    /// <summary>When to announce again; kept within sane bounds whatever the tracker says.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>Never announce more often than this; zero when the tracker does not say.</summary>
    public TimeSpan MinInterval { get; init; }

    /// <summary>
    /// Of the peers those that this tracker may tell of: anybody may write a torrent, and name in it a tracker that would have us
    /// knock at machines of our own networks.
    /// </summary>
    internal IReadOnlyList<IPEndPoint> BelievedPeers =>
        TrackerAddress is { } teller ? [.. Peers.Where(peer => AddressScopes.MayTell(teller, peer.Address))] : Peers;

    /// <summary>Peers of the swarm, without those that no one could connect to.</summary>
    public IReadOnlyList<IPEndPoint> Peers { get; init; } = [];

    /// <summary>Peers that have everything; null when not said.</summary>
    public int? Seeders { get; init; }

    /// <summary>Peers that miss something; null when not said.</summary>
    public int? Leechers { get; init; }

    /// <summary><c>warning message</c></summary>
    public string? Warning { get; init; }

    /// <summary><c>tracker id</c>, to be sent with later announces.</summary>
    public ReadOnlyMemory<byte> TrackerId { get; init; }

    /// <summary>Where the tracker was asked; null when that is not known.</summary>
    public IPAddress? TrackerAddress { get; init; }

    /// <summary>Our address as the tracker sees it (BEP 24).</summary>
    public IPAddress? ExternalAddress { get; init; }
}
