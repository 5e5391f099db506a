using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Dht.Krpc;

/// <summary>Writes DHT messages into one buffer that is used again and again; what a call returns is valid until the next.</summary>
/// <param name="isReadOnly">Say in queries that we answer none (BEP 43).</param>
internal sealed class KrpcWriter(bool isReadOnly)
{
    private readonly ArrayBufferWriter<byte> _output = new(1500);

    // What the programs call themselves: two letters and a version, by custom.
    private static ReadOnlySpan<byte> Version => "PI\u0001\0"u8;

    /// <summary>ping.</summary>
    public ReadOnlySpan<byte> Ping(ReadOnlySpan<byte> transaction, NodeId id)
    {
        var writer = StartQuery(id);
        return EndQuery(writer, "ping"u8, transaction);
    }

    /// <summary>find_node.</summary>
    public ReadOnlySpan<byte> FindNode(ReadOnlySpan<byte> transaction, NodeId id, NodeId target, WantedNodes want)
    {
        var writer = StartQuery(id);
        WriteId(writer, "target"u8, target);
        WriteWant(writer, want);
        return EndQuery(writer, "find_node"u8, transaction);
    }

    /// <summary>get_peers.</summary>
    public ReadOnlySpan<byte> GetPeers(ReadOnlySpan<byte> transaction, NodeId id, InfoHash infoHash, WantedNodes want)
    {
        var writer = StartQuery(id);
        WriteHash(writer, infoHash);
        WriteWant(writer, want);
        return EndQuery(writer, "get_peers"u8, transaction);
    }

    /// <summary>announce_peer.</summary>
    public ReadOnlySpan<byte> AnnouncePeer(ReadOnlySpan<byte> transaction, NodeId id, InfoHash infoHash, int port, ReadOnlySpan<byte> token)
    {
        var writer = StartQuery(id);
        writer.WriteInteger("implied_port"u8, 0);
        WriteHash(writer, infoHash);
        writer.WriteInteger("port"u8, port);
        writer.WriteBytes("token"u8, token);
        return EndQuery(writer, "announce_peer"u8, transaction);
    }

    /// <summary>The answer to any query.</summary>
    /// <param name="transaction">The query's.</param>
    /// <param name="id">Ours.</param>
    /// <param name="to">Who asked; told so that it learns its address (BEP 42).</param>
    /// <param name="nodes">Nodes of either family; empty for none.</param>
    /// <param name="token">The right to announce; empty for none.</param>
    /// <param name="values">Peers; empty for none.</param>
    public ReadOnlySpan<byte> Answer(
        ReadOnlySpan<byte> transaction, NodeId id, IPEndPoint to, IReadOnlyList<NodeContact> nodes, ReadOnlySpan<byte> token, IReadOnlyList<IPEndPoint> values)
    {
        var writer = Start();
        writer.WriteKey("ip"u8);
        WriteEndPoint(writer, to);
        writer.WriteKey("r"u8);
        writer.WriteDictionaryStart();
        WriteId(writer, "id"u8, id);
        WriteNodes(writer, "nodes"u8, nodes, AddressFamily.InterNetwork);
        WriteNodes(writer, "nodes6"u8, nodes, AddressFamily.InterNetworkV6);
        if (!token.IsEmpty)
        {
            writer.WriteBytes("token"u8, token);
        }

        if (values.Count > 0)
        {
            writer.WriteKey("values"u8);
            writer.WriteListStart();
            foreach (var peer in values)
            {
                WriteEndPoint(writer, peer);
            }

            writer.WriteEnd();
        }

        writer.WriteEnd();
        return End(writer, transaction, "r"u8);
    }

    /// <summary>A refusal.</summary>
    public ReadOnlySpan<byte> Error(ReadOnlySpan<byte> transaction, int code, string problem)
    {
        var writer = Start();
        writer.WriteKey("e"u8);
        writer.WriteListStart();
        writer.WriteInteger(code);
        writer.WriteText(problem);
        writer.WriteEnd();
        return End(writer, transaction, "e"u8);
    }

    private BencodeWriter Start()
    {
        _output.ResetWrittenCount();
        var writer = new BencodeWriter(_output);
        writer.WriteDictionaryStart();
        return writer;
    }

    private BencodeWriter StartQuery(NodeId id)
    {
        var writer = Start();
        writer.WriteKey("a"u8);
        writer.WriteDictionaryStart();
        WriteId(writer, "id"u8, id);
        return writer;
    }

    private ReadOnlySpan<byte> EndQuery(BencodeWriter writer, ReadOnlySpan<byte> method, ReadOnlySpan<byte> transaction)
    {
        writer.WriteEnd();
        writer.WriteBytes("q"u8, method);
        if (isReadOnly)
        {
            writer.WriteInteger("ro"u8, 1);
        }

        return End(writer, transaction, "q"u8);
    }

    private ReadOnlySpan<byte> End(BencodeWriter writer, ReadOnlySpan<byte> transaction, ReadOnlySpan<byte> kind)
    {
        writer.WriteBytes("t"u8, transaction);
        writer.WriteBytes("v"u8, Version);
        writer.WriteBytes("y"u8, kind);
        writer.WriteEnd();
        return _output.WrittenSpan;
    }

    private static void WriteWant(BencodeWriter writer, WantedNodes want)
    {
        if (want == WantedNodes.Unsaid)
        {
            return;
        }

        writer.WriteKey("want"u8);
        writer.WriteListStart();
        if (want.HasFlag(WantedNodes.V4))
        {
            writer.WriteBytes("n4"u8);
        }

        if (want.HasFlag(WantedNodes.V6))
        {
            writer.WriteBytes("n6"u8);
        }

        writer.WriteEnd();
    }

    private static void WriteNodes(BencodeWriter writer, ReadOnlySpan<byte> key, IReadOnlyList<NodeContact> nodes, AddressFamily family)
    {
        var run = new ArrayBufferWriter<byte>(CompactNodes.SizeOf(family) * Math.Max(1, nodes.Count));
        foreach (var node in nodes)
        {
            if (node.EndPoint.AddressFamily == family)
            {
                CompactNodes.Write(node, run);
            }
        }

        if (run.WrittenCount > 0)
        {
            writer.WriteBytes(key, run.WrittenSpan);
        }
    }

    private static void WriteId(BencodeWriter writer, ReadOnlySpan<byte> key, NodeId id)
    {
        Span<byte> bytes = stackalloc byte[NodeId.Size];
        id.CopyTo(bytes);
        writer.WriteBytes(key, bytes);
    }

    private static void WriteHash(BencodeWriter writer, InfoHash infoHash)
    {
        Span<byte> bytes = stackalloc byte[InfoHash.Size];
        infoHash.CopyTo(bytes);
        writer.WriteBytes("info_hash"u8, bytes);
    }

    private static void WriteEndPoint(BencodeWriter writer, IPEndPoint endPoint)
    {
        var bytes = new ArrayBufferWriter<byte>(CompactPeers.V6Size);
        CompactPeers.Write(endPoint, bytes);
        writer.WriteBytes(bytes.WrittenSpan);
    }
}
