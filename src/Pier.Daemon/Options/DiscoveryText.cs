using System.Globalization;
using System.Net;
using Pier.BitTorrent.Discovery;

namespace Pier.Daemon.Options;

/// <summary>Reads how peers are to be found without trackers.</summary>
internal static class DiscoveryText
{
    /// <summary>The DHT, of which this node only asks (BEP 43).</summary>
    public const string ReadOnly = "read-only";

    /// <summary>
    /// The ways that were said; unsaid, DHT and local network are on where the node announces to everybody and listens beyond
    /// loopback, and peers may tell of each other.
    /// </summary>
    /// <exception cref="ConfigurationException">A word is none of those it may be.</exception>
    public static PeerDiscovery Parse(DaemonSettings settings, DaemonOptions options)
    {
        var isOpen = options.Announce == AnnouncePolicy.Public && (options.Peers is null || !IPAddress.IsLoopback(options.Peers.Address));
        return (settings.Dht == ReadOnly || IsOn(settings.Dht, "--dht", isOpen, "on, off, read-only") ? PeerDiscovery.Dht : PeerDiscovery.None)
            | (IsOn(settings.Lsd, "--lsd", isOpen) ? PeerDiscovery.Lsd : PeerDiscovery.None)
            | (IsOn(settings.Pex, "--pex", otherwise: true) ? PeerDiscovery.Pex : PeerDiscovery.None);
    }

    /// <summary>A node of the DHT, <c>HOST:PORT</c>.</summary>
    /// <exception cref="ConfigurationException">It is none.</exception>
    public static DnsEndPoint Node(string text)
    {
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon].Trim('[', ']');
        return Uri.CheckHostName(host) != UriHostNameType.Unknown
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0
                ? new DnsEndPoint(host, port)
                : throw new ConfigurationException($"--dht-bootstrap: '{text}' is not HOST:PORT, for example dht.example.com:6881.");
    }

    private static bool IsOn(string? text, string name, bool otherwise, string words = "on, off") => text switch
    {
        null => otherwise,
        "on" => true,
        "off" => false,
        _ => throw new ConfigurationException($"{name}: '{text}' is not one of {words}."),
    };
}
