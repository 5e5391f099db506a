using System.Net;
using Pier.Daemon.Listeners;
using Pier.Daemon.Options;

namespace Pier.Daemon.Nodes;

/// <summary>Where those who get a link or torrent file of this node reach its tracker: not every client reads a link's peers (BEP 9).</summary>
internal sealed class OwnTracker(DaemonOptions options, ListenerPlan plan, OwnAddress own)
{
    /// <summary>
    /// The announce URL: over HTTP beside the registry for clients of this host, over UDP on the peers' port for others. Null when
    /// there is no tracker, or one that wants a key, which links do not give away.
    /// </summary>
    public string? Url => options.Tracker == TrackerScope.Off || options.TrackerKeys.Count > 0 ? null
        : own.IsLocal && LocalDoor is { } door ? $"http://{door}/announce"
        : $"udp://{Text(own.ForLinks())}/announce";

    private IPEndPoint? LocalDoor => plan.Registry
        .Select(door => door.Address)
        .Select(door => door.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, door.Port)
            : door.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, door.Port)
            : door)
        .FirstOrDefault(door => IPAddress.IsLoopback(door.Address));

    private static string Text(EndPoint address) => address is DnsEndPoint name ? $"{name.Host}:{name.Port}" : $"{address}";
}
