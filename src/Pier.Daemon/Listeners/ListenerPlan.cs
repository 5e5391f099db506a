using System.Net;
using Pier.Daemon.Options;

namespace Pier.Daemon.Listeners;

/// <summary>Every port that the daemon opens at its start, as data: checked first, opened next, logged last.</summary>
/// <param name="Registry">Doors for registry clients.</param>
/// <param name="Control">Door of the control API.</param>
/// <param name="Peers">Door for BitTorrent peers.</param>
/// <param name="Missing">Default doors left out because the host has no such address (IPv6 off).</param>
internal sealed record ListenerPlan(IReadOnlyList<PortDoor> Registry, PortDoor Control, PortDoor Peers, IReadOnlyList<PortDoor> Missing)
{
    /// <summary>Every TCP door.</summary>
    public IEnumerable<PortDoor> All => [.. Registry, .. RegistryTls, Control, Peers];

    /// <summary>Doors for registry clients over TLS.</summary>
    public IReadOnlyList<PortDoor> RegistryTls { get; init; } = [];

    /// <summary>The plan for these options.</summary>
    /// <param name="options">The daemon's options.</param>
    /// <param name="peersBeyondLoopback">True when other hosts are to be served: in a cluster, or when announcing to everybody.</param>
    public static ListenerPlan Create(DaemonOptions options, bool peersBeyondLoopback)
    {
        var registry = options.Registry.Select(address => new PortDoor("registry", "--registry", address)).ToList();
        var missing = options.RegistryIsDefault ? registry.Where(door => !PortCheck.Exists(door)).ToList() : [];
        var peers = options.Peers ?? new IPEndPoint(peersBeyondLoopback ? DaemonOptions.EveryAddress : IPAddress.Loopback, DaemonOptions.PeersPort);
        return new ListenerPlan(
            [.. registry.Except(missing)],
            new PortDoor("control", "--control", options.Control),
            new PortDoor("peers", "--peers", peers),
            missing)
        {
            RegistryTls = [.. options.RegistryTls.Select(address => new PortDoor("registry-tls", "--registry-tls", address))],
        };
    }
}
