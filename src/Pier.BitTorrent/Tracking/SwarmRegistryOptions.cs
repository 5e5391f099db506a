using System.Net;

namespace Pier.BitTorrent.Tracking;

/// <summary>How our tracker behaves, and how much it remembers.</summary>
public sealed record SwarmRegistryOptions
{
    /// <summary>Whether only swarms that were registered are tracked; otherwise anybody's announce creates one.</summary>
    public bool KnownOnly { get; init; } = true;

    /// <summary>What peers are told as <c>interval</c>.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>What peers are told as <c>min interval</c>.</summary>
    public TimeSpan MinInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A peer that has not announced for this long is forgotten; two missed intervals and a little.</summary>
    public TimeSpan PeerLifetime { get; init; } = TimeSpan.FromMinutes(32);

    /// <summary>Swarms tracked when <see cref="KnownOnly"/> is off.</summary>
    public int MaxSwarms { get; init; } = 100_000;

    /// <summary>Peers remembered of one swarm; newcomers beyond get peers but are not told of.</summary>
    public int MaxPeersPerSwarm { get; init; } = 5_000;

    /// <summary>Peers in one answer.</summary>
    public int MaxPeersPerAnswer { get; init; } = 100;

    /// <summary>Peers in an answer when the request does not say how many.</summary>
    public int UsualPeersPerAnswer { get; init; } = 50;

    /// <summary>Swarms in one scrape.</summary>
    public int MaxScrape { get; init; } = 74;

    /// <summary>The address that others are told of a peer that announces over loopback; null leaves it as it is.</summary>
    public IPAddress? LoopbackSeenAs { get; init; }
}
