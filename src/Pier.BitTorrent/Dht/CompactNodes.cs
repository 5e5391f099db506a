using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Dht;

/// <summary>Nodes as runs of id, address and port: 26 bytes each for IPv4 (BEP 5), 38 for IPv6 (BEP 32).</summary>
internal static class CompactNodes
{
    /// <summary>Bytes of one node.</summary>
    public static int SizeOf(AddressFamily family) =>
        NodeId.Size + (family == AddressFamily.InterNetwork ? CompactPeers.V4Size : CompactPeers.V6Size);

    /// <summary>Reads the nodes that could be reached; false when the bytes are not a whole number of nodes.</summary>
    /// <param name="bytes">The run.</param>
    /// <param name="family">Which form.</param>
    /// <param name="nodes">Receives the nodes.</param>
    /// <param name="max">Nodes in the list after which the rest is left out.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, AddressFamily family, List<NodeContact> nodes, int max)
    {
        var size = SizeOf(family);
        if (bytes.Length % size != 0)
        {
            return false;
        }

        List<IPEndPoint> at = [];
        for (; !bytes.IsEmpty && nodes.Count < max; bytes = bytes[size..])
        {
            at.Clear();
            CompactPeers.TryRead(bytes[NodeId.Size..size], size - NodeId.Size, at, maxPeers: 1);
            if (at is [var endPoint])
            {
                nodes.Add(new NodeContact(new NodeId(bytes[..NodeId.Size]), endPoint));
            }
        }

        return true;
    }

    /// <summary>Writes one node.</summary>
    public static void Write(NodeContact node, IBufferWriter<byte> output)
    {
        node.Id.CopyTo(output.GetSpan(NodeId.Size));
        output.Advance(NodeId.Size);
        CompactPeers.Write(node.EndPoint, output);
    }
}
