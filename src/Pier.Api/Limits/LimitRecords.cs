namespace Pier.Api.Limits;

/// <summary>What may pass; null is without limit.</summary>
/// <param name="Down">Bytes per second from peers.</param>
/// <param name="Up">Bytes per second to peers.</param>
/// <param name="Connections">Connections at once.</param>
public sealed record LimitValues(long? Down, long? Up, int? Connections);

/// <summary>When a complete torrent stops to seed; null is never for that reason.</summary>
/// <param name="Ratio">Bytes sent for each byte of content.</param>
/// <param name="Seconds">How long it seeds.</param>
public sealed record SeedingValues(double? Ratio, long? Seconds);

/// <summary>A torrent that has limits, a priority or a seeding goal of its own.</summary>
/// <param name="InfoHash">Its info-hash.</param>
/// <param name="Name">Its name.</param>
/// <param name="Limits">Its limits, where it has some.</param>
/// <param name="Priority"><c>normal</c>, <c>high</c> or <c>background</c>.</param>
/// <param name="Seeding">Its seeding goal.</param>
public sealed record TorrentLimits(string InfoHash, string Name, LimitValues Limits, string Priority, SeedingValues Seeding);

/// <summary>All limits of the node.</summary>
/// <param name="All">All peers together.</param>
/// <param name="Host">Peers on this host.</param>
/// <param name="Cluster">Members of the cluster.</param>
/// <param name="Subnet">Peers in a network that this host has an address in.</param>
/// <param name="World">All other peers.</param>
/// <param name="Torrent">Each torrent without limits of its own.</param>
/// <param name="Seeding">The goal of torrents without one of their own.</param>
/// <param name="Torrents">Torrents with something of their own.</param>
public sealed record LimitsStatus(
    LimitValues All, LimitValues Host, LimitValues Cluster, LimitValues Subnet, LimitValues World, LimitValues Torrent,
    SeedingValues Seeding, IReadOnlyList<TorrentLimits> Torrents);

/// <summary>Changes some limits until the daemon ends; null leaves a value as it is, <c>none</c> lifts it.</summary>
/// <param name="Scope"><c>all</c>, <c>host</c>, <c>cluster</c>, <c>subnet</c>, <c>world</c>, <c>torrent</c> for each one, or an info-hash for one.</param>
/// <param name="Down">A rate such as <c>20 Mbit/s</c> or <c>2MiB</c>.</param>
/// <param name="Up">A rate.</param>
/// <param name="Connections">A number.</param>
/// <param name="Priority"><c>normal</c>, <c>high</c> or <c>background</c>; for one torrent.</param>
/// <param name="Ratio">Bytes sent for each byte of content; for one torrent.</param>
/// <param name="Time">A duration such as <c>12h</c>; for one torrent.</param>
public sealed record LimitsChange(
    string Scope, string? Down = null, string? Up = null, string? Connections = null, string? Priority = null, string? Ratio = null, string? Time = null);
