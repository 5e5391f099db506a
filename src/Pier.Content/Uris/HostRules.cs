using System.Net;
using System.Net.Sockets;

namespace Pier.Content.Uris;

/// <summary>
/// Which hosts nobody may make this node talk to: link-local addresses and the metadata services of clouds, in any
/// spelling. Names that resolve there are caught again when a connection is opened.
/// </summary>
public static class HostRules
{
    private static readonly string[] MetadataNames =
    [
        "metadata", "metadata.google.internal", "metadata.goog", "metadata.azure.internal", "metadata.packet.net",
        "metadata.platformequinix.com", "metadata.tencentyun.com", "instance-data", "instance-data.ec2.internal",
    ];

    private static readonly IPAddress[] MetadataAddresses =
    [
        IPAddress.Parse("fd00:ec2::254"), IPAddress.Parse("fd00:ec2::253"), IPAddress.Parse("fd00:ec2::123"),
        IPAddress.Parse("fd20:ce::254"), IPAddress.Parse("100.100.100.200"), IPAddress.Parse("168.63.129.16"),
        IPAddress.Parse("192.0.0.192"),
    ];

    /// <summary>True for a host, with or without port, that must not be connected to.</summary>
    /// <param name="host">As written in a registry name, a <c>?ns=</c> or a URI's authority.</param>
    public static bool IsForbiddenTarget(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var name = WithoutPort(host.Trim()).TrimEnd('.');
        var zone = name.IndexOf('%', StringComparison.Ordinal);
        name = zone < 0 ? name : name[..zone];
        if (IPAddress.TryParse(name, out var address))
        {
            return IsForbiddenAddress(address);
        }

        return Array.Exists(MetadataNames, known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>True for a resolved address that must not be connected to.</summary>
    public static bool IsForbiddenAddress(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var plain = EmbeddedIPv4(address) ?? address;
        if (plain.AddressFamily == AddressFamily.InterNetwork)
        {
            Span<byte> bytes = stackalloc byte[4];
            plain.TryWriteBytes(bytes, out _);
            if (bytes is [169, 254, ..])
            {
                return true;
            }
        }

        return plain.IsIPv6LinkLocal || Array.Exists(MetadataAddresses, plain.Equals);
    }

    /// <summary>The IPv4 address inside a mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96, RFC 6052), 6to4 (2002::/16) or compatible (::/96) one.</summary>
    internal static IPAddress? EmbeddedIPv4(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        if (bytes is [0x20, 0x02, ..])
        {
            return new IPAddress(bytes[2..6]);
        }

        var prefix = bytes[..12];
        var embeds = address.IsIPv4MappedToIPv6
            || prefix is [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]
            || (!prefix.ContainsAnyExcept((byte)0) && bytes[12] != 0);
        return embeds ? new IPAddress(bytes[12..]) : null;
    }

    private static string WithoutPort(string host)
    {
        if (host.StartsWith('['))
        {
            var close = host.IndexOf(']', StringComparison.Ordinal);
            return close < 0 ? host[1..] : host[1..close];
        }

        var colon = host.IndexOf(':', StringComparison.Ordinal);
        var isBareIPv6 = colon >= 0 && host.IndexOf(':', colon + 1) >= 0;
        return colon < 0 || isBareIPv6 ? host : host[..colon];
    }
}
