using System.Net;
using System.Numerics;

namespace Pier.BitTorrent.Dht;

/// <summary>Node ids that follow from the node's address, so that nobody can choose where in the key space to sit (BEP 42).</summary>
internal static class SecureNodeId
{
    private static ReadOnlySpan<byte> V4Mask => [0x03, 0x0f, 0x3f, 0xff];

    private static ReadOnlySpan<byte> V6Mask => [0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, 0xff];

    /// <summary>An id for a node at this address.</summary>
    public static NodeId Create(IPAddress address, Random random)
    {
        Span<byte> bytes = stackalloc byte[NodeId.Size];
        random.NextBytes(bytes);
        return Create(address, bytes);
    }

    /// <summary>An id for a node at this address, its free bits taken from <paramref name="random"/>.</summary>
    /// <param name="address">The node's address as others see it.</param>
    /// <param name="random">20 bytes; the last one decides which of eight prefixes is taken.</param>
    public static NodeId Create(IPAddress address, ReadOnlySpan<byte> random)
    {
        Span<byte> bytes = stackalloc byte[NodeId.Size];
        random.CopyTo(bytes);
        var prefix = Prefix(address, bytes[^1]);
        bytes[0] = (byte)(prefix >> 24);
        bytes[1] = (byte)(prefix >> 16);
        // The first 21 bits are fixed, the other three of this byte are free.
        bytes[2] = (byte)(((prefix >> 8) & 0xf8) | (bytes[2] & 0x07u));
        return new NodeId(bytes);
    }

    /// <summary>Whether an id may be that of a node at this address; within local networks any may.</summary>
    public static bool IsValid(NodeId id, IPAddress address)
    {
        if (Peers.AddressScopes.Of(address) != Peers.AddressScope.World)
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[NodeId.Size];
        id.CopyTo(bytes);
        var prefix = Prefix(address, bytes[^1]);
        return bytes[0] == (byte)(prefix >> 24) && bytes[1] == (byte)(prefix >> 16) && ((bytes[2] ^ (prefix >> 8)) & 0xf8) == 0;
    }

    private static uint Prefix(IPAddress address, byte seed)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        var mask = length == 4 ? V4Mask : V6Mask;
        var crc = uint.MaxValue;
        for (var i = 0; i < mask.Length; i++)
        {
            var octet = (byte)(bytes[i] & mask[i]);
            crc = BitOperations.Crc32C(crc, i == 0 ? (byte)(octet | (seed << 5)) : octet);
        }

        return ~crc;
    }
}
