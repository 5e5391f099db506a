using System.Net;
using System.Net.Sockets;
using System.Numerics;

namespace Pier.BitTorrent.Peers;

/// <summary>
/// Canonical peer priority (BEP 40): how much a connection between two addresses is worth keeping. Both sides compute the same,
/// and nobody can choose it, so that full swarms stay connected as one whole.
/// </summary>
internal static class PeerPriority
{
    private const byte Mask = 0x55;
    private const int MaxBytes = 32;

    /// <summary>The priority of a connection; higher is better.</summary>
    /// <param name="ours">Our address and listening port, of the same family.</param>
    /// <param name="theirs">The peer's address and listening port.</param>
    public static uint Of(IPEndPoint ours, IPEndPoint theirs)
    {
        Span<byte> bytes = stackalloc byte[MaxBytes];
        var length = ours.Address.Equals(theirs.Address)
            ? WritePorts(ours.Port, theirs.Port, bytes)
            : WriteAddresses(ours.Address, theirs.Address, bytes);
        return Crc32C(bytes[..length]);
    }

    private static int WritePorts(int ours, int theirs, Span<byte> output)
    {
        var (low, high) = ours < theirs ? (ours, theirs) : (theirs, ours);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(output, (ushort)low);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(output[2..], (ushort)high);
        return 4;
    }

    private static int WriteAddresses(IPAddress ours, IPAddress theirs, Span<byte> output)
    {
        Span<byte> first = stackalloc byte[MaxBytes / 2];
        Span<byte> second = stackalloc byte[MaxBytes / 2];
        ours.TryWriteBytes(first, out var length);
        theirs.TryWriteBytes(second, out _);
        first = first[..length];
        second = second[..length];
        var whole = BytesKept(first.CommonPrefixLength(second), ours.AddressFamily);
        for (var index = whole; index < length; index++)
        {
            first[index] &= Mask;
            second[index] &= Mask;
        }

        var swap = first.SequenceCompareTo(second) > 0;
        (swap ? second : first).CopyTo(output);
        (swap ? first : second).CopyTo(output[length..]);
        return 2 * length;
    }

    /// <summary>Leading bytes that are not masked: half of a network, and one more for each byte the two share beyond it.</summary>
    private static int BytesKept(int shared, AddressFamily family) => family == AddressFamily.InterNetwork
        ? shared switch { < 2 => 2, 2 => 3, _ => 4 }
        : Math.Max(6, shared + 2);

    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
