using System.Net;
using System.Net.NetworkInformation;

namespace Pier.BitTorrent.Limits;

/// <summary>Tells by a peer's address how near it is. Thread-safe; what addresses this host has is looked up again once a minute.</summary>
/// <param name="isMember">Whether an address is a member's of our cluster; null when there is no cluster.</param>
/// <param name="time">The clock.</param>
/// <param name="networks">Gives this host's addresses with the networks they are in.</param>
internal sealed class PeerClassifier(Func<IPAddress, bool>? isMember, TimeProvider time, Func<IReadOnlyList<HostNetwork>> networks)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(1);

    private volatile Known? _known;

    /// <param name="isMember">Whether an address is a member's of our cluster; null when there is no cluster.</param>
    /// <param name="time">The clock.</param>
    public PeerClassifier(Func<IPAddress, bool>? isMember, TimeProvider time)
        : this(isMember, time, Own)
    {
    }

    /// <summary>How near the peer is.</summary>
    public PeerClass Of(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var own = Networks();
        return IPAddress.IsLoopback(plain) || own.Any(network => network.Address.Equals(plain)) ? PeerClass.SameHost
            : isMember?.Invoke(plain) == true ? PeerClass.Cluster
            : own.Any(network => network.Contains(plain)) ? PeerClass.SameSubnet
            : PeerClass.World;
    }

    private static List<HostNetwork> Own()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces()
                .Where(card => card.OperationalStatus == OperationalStatus.Up || card.OperationalStatus == OperationalStatus.Unknown)
                .SelectMany(card => card.GetIPProperties().UnicastAddresses)
                .Select(address => new HostNetwork(address.Address, address.PrefixLength))];
        }
        catch (NetworkInformationException)
        {
            // Without the list every other host counts as far, which limits rather than floods.
            return [];
        }
    }

    private IReadOnlyList<HostNetwork> Networks()
    {
        var known = _known;
        if (known is null || time.GetElapsedTime(known.At) >= Freshness)
        {
            _known = known = new Known(networks(), time.GetTimestamp());
        }

        return known.Networks;
    }

    private sealed record Known(IReadOnlyList<HostNetwork> Networks, long At);
}
