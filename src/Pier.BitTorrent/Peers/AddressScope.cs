using System.Net;

namespace Pier.BitTorrent.Peers;

/// <summary>How far an address reaches.</summary>
internal enum AddressScope
{
    /// <summary>This machine.</summary>
    Machine,

    /// <summary>One link (RFC 3927, RFC 4291).</summary>
    Link,

    /// <summary>A private network (RFC 1918, RFC 6598, RFC 4193).</summary>
    Site,

    /// <summary>Everybody.</summary>
    World,
}

/// <summary>
/// Who may tell us of which addresses: a stranger who names machines within our own networks would make us knock there for him.
/// </summary>
internal static class AddressScopes
{
    /// <summary>How far an address reaches.</summary>
    public static AddressScope Of(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (IPAddress.IsLoopback(address))
        {
            return AddressScope.Machine;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return Of(address.MapToIPv4());
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return length == 4 ? OfV4(bytes)
            : address.Equals(IPAddress.IPv6Any) ? AddressScope.Machine
            : address.IsIPv6LinkLocal ? AddressScope.Link
            : address.IsIPv6SiteLocal || (bytes[0] & 0xfe) == 0xfc ? AddressScope.Site
            : AddressScope.World;
    }

    /// <summary>Whether someone at one address may name the other: only what reaches as far as the teller's own does, or further.</summary>
    public static bool MayTell(IPAddress teller, IPAddress told) => Of(told) >= Of(teller);

    /// <summary>
    /// What stands for one party when strangers are counted: the address, or, since whoever has a public IPv6 address has the 2^64
    /// around it as well, its network.
    /// </summary>
    public static IPAddress NetworkOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out var length) || length == 4 || Of(address) != AddressScope.World)
        {
            return address;
        }

        bytes[8..].Clear();
        return new IPAddress(bytes);
    }

    private static AddressScope OfV4(ReadOnlySpan<byte> bytes) => (bytes[0], bytes[1]) switch
    {
        (0, _) => AddressScope.Machine,
        (169, 254) => AddressScope.Link,
        (10, _) or (192, 168) or (172, >= 16 and <= 31) or (100, >= 64 and <= 127) => AddressScope.Site,
        _ => AddressScope.World,
    };
}
