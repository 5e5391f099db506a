using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Pier.BitTorrent.Lsd;

/// <summary>The interfaces where an engine listens, and where it may therefore announce itself.</summary>
internal static class LsdInterfaces
{
    /// <summary>Interfaces with an address of this family: that of the listener, or all that lead to others when it listens everywhere.</summary>
    /// <param name="listen">Where the engine listens.</param>
    /// <param name="family">Which family.</param>
    public static IReadOnlyList<LsdInterface> Of(IPAddress listen, AddressFamily family)
    {
        var everywhere = listen.Equals(IPAddress.IPv6Any) || (listen.Equals(IPAddress.Any) && family == AddressFamily.InterNetwork);
        if (!everywhere && listen.AddressFamily != family)
        {
            return [];
        }

        List<LsdInterface> found = [];
        foreach (var network in NetworkInterface.GetAllNetworkInterfaces().Where(network => network.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown))
        {
            var properties = network.GetIPProperties();
            var addresses = properties.UnicastAddresses.Select(unicast => unicast.Address).Where(address => address.AddressFamily == family);
            var chosen = addresses.FirstOrDefault(address => everywhere ? network.NetworkInterfaceType != NetworkInterfaceType.Loopback : address.Equals(listen));
            if (chosen is not null && IndexOf(properties, family) is { } index)
            {
                found.Add(new LsdInterface(index, chosen));
            }
        }

        return found;
    }

    private static int? IndexOf(IPInterfaceProperties properties, AddressFamily family)
    {
        try
        {
            return family == AddressFamily.InterNetwork ? properties.GetIPv4Properties()?.Index : properties.GetIPv6Properties()?.Index;
        }
        catch (NetworkInformationException)
        {
            // It has gone, or does not speak this family.
            return null;
        }
    }
}

/// <summary>An interface and our address on it.</summary>
internal readonly record struct LsdInterface(int Index, IPAddress Address);
