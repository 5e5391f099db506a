using System.Net;

namespace Pier.BitTorrent.Tracking;

/// <summary>How our tracker behaves, and how much it remembers.</summary>
public sealed record SwarmRegistryOptions
{
    /// <summary>What peers are told as <c>interval</c>.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>What peers are told as <c>min interval</c>.</summary>
    public TimeSpan MinInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A peer that has not announced for this long is forgotten; two missed intervals and a little.</summary>
    public TimeSpan PeerLifetime { get; init; } = TimeSpan.FromMinutes(32);

    /// <summary>Swarms tracked; a host is in no more than half as many, unless others made them.</summary>
    public int MaxSwarms { get; init; } = 100_000;

    /// <summary>Peers remembered over all swarms, an eighth of them on one host; newcomers beyond get peers but are not told of.</summary>
    public int MaxPeers { get; init; } = 1_000_000;

    /// <summary>Peers remembered of one swarm, a quarter of them on one host; a newcomer beyond takes the place of some other.</summary>
    public int MaxPeersPerSwarm { get; init; } = 50_000;

    /// <summary>Peers in one answer.</summary>
    public int MaxPeersPerAnswer { get; init; } = 100;

    /// <summary>Peers in an answer when the request does not say how many.</summary>
    public int UsualPeersPerAnswer { get; init; } = 50;

    /// <summary>Swarms in one scrape.</summary>
    public int MaxScrape { get; init; } = 74;

    /// <summary>The address that others are told of a peer that announces over loopback; null tells only peers on loopback of it.</summary>
    public IPAddress? LoopbackSeenAs { get; init; }

    /// <summary>Whether an address is a member's of our cluster, who hear of each other first; null when there is no cluster.</summary>
    public Func<IPAddress, bool>? IsMember { get; init; }
}
