using System.Net;

namespace Pier.Content.Uris;

/// <summary>Which hosts are those of a private network by their names: what they give is not known to be everybody's.</summary>
public static class PrivateHosts
{
    private static readonly string[] Suffixes =
        [".internal", ".local", ".localhost", ".localdomain", ".lan", ".home", ".corp", ".private", ".intranet", ".arpa", ".test"];

    // RFC 1122, 1918, 3927, 6598; RFC 4193, 4291.
    private static readonly IPNetwork[] Networks =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("::/127"), IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"),
    ];

    /// <summary>True for loopback, private and link-local addresses, names of one label, and such that no public DNS has.</summary>
    /// <param name="host">A name or an address, without port and brackets.</param>
    public static bool Has(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var name = host.TrimEnd('.');
        if (!IPAddress.TryParse(name, out var address))
        {
            return !name.Contains('.', StringComparison.Ordinal)
                || Array.Exists(Suffixes, suffix => name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase));
        }

        var plain = HostRules.EmbeddedIPv4(address) ?? address;
        return Array.Exists(Networks, network => network.Contains(plain));
    }
}
