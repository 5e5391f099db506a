using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Engine;
using Pier.Daemon.Options;
using Pier.Registry;

namespace Pier.Daemon.Nodes;

/// <summary>Where this node's BitTorrent port is reached: at the advertised address, else where it listens.</summary>
internal sealed class OwnAddress(DaemonOptions options, BitTorrentEngine engine)
{
    private readonly Lazy<IPAddress?> _advertised = new(() => options.Advertise is { } name ? Resolve(name) : null);
    private volatile IPAddress? _outward;

    /// <summary>The advertised address, looked up once; null when none was named.</summary>
    public IPAddress? Advertised => _advertised.Value;

    /// <summary>True while only programs of this host reach the port, or nobody said by which address others do.</summary>
    public bool IsLocal => IPAddress.IsLoopback(engine.ListenEndPoint.Address) || IPAddress.IsLoopback(ForPeers().Address);

    /// <summary>For trackers and peers.</summary>
    public IPEndPoint ForPeers() => new(Advertised ?? Reachable(engine.ListenEndPoint.Address), engine.ListenEndPoint.Port);

    /// <summary>
    /// For somebody who asks from this address. When nobody said what others use, it is the address from which this host reaches
    /// the first one that asked from elsewhere.
    /// </summary>
    public IPEndPoint Toward(IPAddress remote)
    {
        var listen = engine.ListenEndPoint;
        if (Advertised is null && listen.Address is var address && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)))
        {
            _outward ??= IPAddress.IsLoopback(remote) ? null : RouteTo(remote);
            return _outward is { } outward ? new IPEndPoint(outward, listen.Port) : ForPeers();
        }
        return ForPeers();
    }

    /// <summary>For magnet links, which may carry a name (BEP 9, <c>x.pe</c>).</summary>
    public EndPoint ForLinks() => options.Advertise is { } name && !IPAddress.TryParse(name.Trim('[', ']'), out _)
        ? new DnsEndPoint(name, engine.ListenEndPoint.Port)
        : ForPeers();

    /// <summary>What a blob's name is appended to when others reach it by HTTP; null when nothing is advertised or only loopback listens.</summary>
    public string? ForWebSeeds() =>
        options.Advertise is { } name && options.Registry.FirstOrDefault(door => !IPAddress.IsLoopback(door.Address)) is { Port: var port }
            ? new UriBuilder(Uri.UriSchemeHttp, name, port, MirrorRegistration.WebSeedPath).Uri.AbsoluteUri
            : null;

    /// <summary>The address of an advertised name.</summary>
    /// <exception cref="ConfigurationException">The name is not known.</exception>
    public static IPAddress Resolve(string name)
    {
        if (IPAddress.TryParse(name.Trim('[', ']'), out var address))
        {
            return address;
        }
        try
        {
            return Dns.GetHostAddresses(name) is [var first, ..]
                ? first
                : throw new ConfigurationException($"--advertise: the name {name} has no address; give the address itself.");
        }
        catch (SocketException unknown)
        {
            throw new ConfigurationException($"--advertise: the name {name} is not known ({unknown.Message}); give the address itself.", unknown);
        }
    }

    /// <summary>The address that this host has on its way to another; null without a way.</summary>
    private static IPAddress? RouteTo(IPAddress remote)
    {
        try
        {
            // Connecting a UDP socket sends nothing.
            using var socket = new Socket(remote.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(remote, 9);
            return (socket.LocalEndPoint as IPEndPoint)?.Address;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>An address that a client on this host can use, when nobody said what others use.</summary>
    private static IPAddress Reachable(IPAddress address) =>
        address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? IPAddress.Loopback : address;
}
