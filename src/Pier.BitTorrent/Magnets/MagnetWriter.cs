using System.Globalization;
using System.Net;
using System.Text;

namespace Pier.BitTorrent.Magnets;

/// <summary>Writes a magnet link, always in the same order of parameters.</summary>
internal static class MagnetWriter
{
    public static string Write(MagnetLink link)
    {
        var text = new StringBuilder(MagnetReader.Scheme);
        var separator = "";
        foreach (var (key, value) in Parameters(link))
        {
            text.Append(separator).Append(key).Append('=').Append(value);
            separator = "&";
        }

        return text.ToString();
    }

    private static IEnumerable<(string Key, string Value)> Parameters(MagnetLink link)
    {
        if (link.Id.V1 is { } v1)
        {
            yield return ("xt", MagnetReader.V1Topic + v1);
        }

        if (link.Id.V2 is { } v2)
        {
            yield return ("xt", MagnetReader.V2Topic + MagnetReader.Sha256Multihash + v2);
        }

        if (link.DisplayName is { } name)
        {
            yield return ("dn", Uri.EscapeDataString(name));
        }

        if (link.ExactLength is { } length)
        {
            yield return ("xl", length.ToString(CultureInfo.InvariantCulture));
        }

        foreach (var tracker in link.Trackers)
        {
            yield return ("tr", Uri.EscapeDataString(tracker));
        }

        foreach (var seed in link.WebSeeds)
        {
            yield return ("ws", Uri.EscapeDataString(seed));
        }

        foreach (var peer in link.Peers)
        {
            yield return ("x.pe", Address(peer));
        }

        if (link.SelectedFiles.Count > 0)
        {
            yield return ("so", string.Join(',', link.SelectedFiles));
        }
    }

    private static string Address(EndPoint peer) => peer is DnsEndPoint name
        ? string.Create(CultureInfo.InvariantCulture, $"{Uri.EscapeDataString(name.Host)}:{name.Port}")
        : peer.ToString()!;
}
