using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Pier.BitTorrent.Trackers;

/// <summary>Peers as runs of address and port: 6 bytes each for IPv4 (BEP 23), 18 for IPv6 (BEP 7). Also what peer exchange uses.</summary>
public static class CompactPeers
{
    /// <summary>Bytes of an IPv4 peer.</summary>
    public const int V4Size = 6;

    /// <summary>Bytes of an IPv6 peer.</summary>
    public const int V6Size = 18;

    /// <summary>Adds the peers that could be reached; false when the bytes are not a whole number of peers.</summary>
    /// <param name="bytes">The run.</param>
    /// <param name="peerSize"><see cref="V4Size"/> or <see cref="V6Size"/>.</param>
    /// <param name="peers">Receives the peers.</param>
    /// <param name="maxPeers">Peers in the list after which the rest is left out.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, int peerSize, ICollection<IPEndPoint> peers, int maxPeers)
    {
        ArgumentNullException.ThrowIfNull(peers);
        if (bytes.Length % peerSize != 0)
        {
            return false;
        }

        for (; !bytes.IsEmpty && peers.Count < maxPeers; bytes = bytes[peerSize..])
        {
            var address = Plain(new IPAddress(bytes[..(peerSize - 2)]));
            var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[(peerSize - 2)..]);
            if (TrackerBounds.IsReachable(address, port))
            {
                peers.Add(new IPEndPoint(address, port));
            }
        }

        return true;
    }

    /// <summary>An IPv4 address that stands in IPv6's form in its own: it is the same place, and is to be judged as such.</summary>
    internal static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>Writes one peer, 6 or 18 bytes by its address family.</summary>
    public static void Write(IPEndPoint peer, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(output);
        var size = peer.AddressFamily == AddressFamily.InterNetwork ? V4Size : V6Size;
        var span = output.GetSpan(size);
        peer.Address.TryWriteBytes(span, out _);
        BinaryPrimitives.WriteUInt16BigEndian(span[(size - 2)..], (ushort)peer.Port);
        output.Advance(size);
    }
}
