using System.Net;

namespace Pier.BitTorrent.Limits;

/// <summary>An address of this host, and the network it is in.</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">Bits of the network; all of them, as on a point-to-point link, make a network of this host alone.</param>
internal readonly record struct HostNetwork(IPAddress Address, int PrefixLength)
{
    /// <summary>Whether an address is in the network.</summary>
    public bool Contains(IPAddress address)
    {
        Span<byte> own = stackalloc byte[16];
        Span<byte> other = stackalloc byte[16];
        if (address.AddressFamily != Address.AddressFamily
            || !Address.TryWriteBytes(own, out var length) || !address.TryWriteBytes(other, out _))
        {
            return false;
        }

        var bits = Math.Clamp(PrefixLength, 0, length * 8);
        var whole = bits / 8;
        var rest = bits % 8;
        return bits > 0
            && own[..whole].SequenceEqual(other[..whole])
            && (rest == 0 || (own[whole] ^ other[whole]) >> (8 - rest) == 0);
    }
}
