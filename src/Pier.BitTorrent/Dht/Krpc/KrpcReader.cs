using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Dht.Krpc;

/// <summary>Reads DHT messages (BEP 5). Keys may come in any order, unknown ones are passed over, and everything kept is bounded.</summary>
internal static class KrpcReader
{
    /// <summary>Bytes of a token that is kept; those in use have 4 to 20.</summary>
    public const int MaxToken = 64;

    /// <summary>Bytes of a transaction id; most programs use 2 or 4.</summary>
    public const int MaxTransaction = 32;

    /// <summary>Nodes of one family taken from one answer.</summary>
    public const int MaxNodes = 16;

    /// <summary>Peers taken from one answer.</summary>
    public const int MaxValues = 200;

    /// <summary>Reads one datagram.</summary>
    /// <exception cref="KrpcException">It is no message, or one with values beyond their bounds.</exception>
    public static KrpcMessage Read(ReadOnlySpan<byte> datagram)
    {
        var message = new KrpcMessage();
        var kind = ReadOnlySpan<byte>.Empty;
        try
        {
            var reader = new BencodeReader(datagram, BencodeKeyOrder.Tolerant);
            reader.EnterDictionary();
            while (reader.TryReadKey(out var key))
            {
                if (key.SequenceEqual("y"u8))
                {
                    kind = reader.ReadBytes();
                }
                else
                {
                    ReadOuter(message, key, ref reader);
                }
            }
        }
        catch (BencodeException malformed)
        {
            throw new KrpcException($"a malformed message: {malformed.Message}", malformed);
        }

        message.Kind = kind switch
        {
            [(byte)'q'] => KrpcKind.Query,
            [(byte)'r'] => KrpcKind.Answer,
            [(byte)'e'] => KrpcKind.Error,
            _ => throw new KrpcException("a message that is neither query, answer nor error"),
        };
        return message;
    }

    private static void ReadOuter(KrpcMessage message, ReadOnlySpan<byte> key, ref BencodeReader reader)
    {
        switch (key)
        {
            case [(byte)'t']:
                message.Transaction = Bounded(reader.ReadBytes(), MaxTransaction);
                break;
            case [(byte)'q']:
                message.Method = Method(reader.ReadBytes());
                break;
            case [(byte)'a']:
            case [(byte)'r']:
                ReadBody(message, ref reader);
                break;
            case [(byte)'e']:
                ReadError(message, ref reader);
                break;
            case [(byte)'r', (byte)'o']:
                message.IsReadOnly = reader.ReadInteger() == 1;
                break;
            case [(byte)'i', (byte)'p'] when reader.PeekKind() == BencodeKind.Bytes:
                message.SeenAt = EndPoint(reader.ReadBytes());
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private static void ReadBody(KrpcMessage message, ref BencodeReader reader)
    {
        reader.EnterDictionary();
        while (reader.TryReadKey(out var key))
        {
            if (key.SequenceEqual("id"u8))
            {
                message.Id = Id(reader.ReadBytes());
            }
            else if (key.SequenceEqual("target"u8))
            {
                message.Target = Id(reader.ReadBytes());
            }
            else if (key.SequenceEqual("info_hash"u8))
            {
                message.InfoHash = reader.ReadBytes() is { Length: InfoHash.Size } hash ? new InfoHash(hash) : null;
            }
            else if (key.SequenceEqual("port"u8))
            {
                message.Port = reader.ReadInteger() is > 0 and <= ushort.MaxValue and var port ? (int)port : 0;
            }
            else if (key.SequenceEqual("implied_port"u8))
            {
                message.IsPortImplied = reader.ReadInteger() != 0;
            }
            else if (key.SequenceEqual("token"u8))
            {
                message.Token = Bounded(reader.ReadBytes(), MaxToken);
            }
            else if (key.SequenceEqual("nodes"u8))
            {
                ReadNodes(message, ref reader, AddressFamily.InterNetwork);
            }
            else if (key.SequenceEqual("nodes6"u8))
            {
                ReadNodes(message, ref reader, AddressFamily.InterNetworkV6);
            }
            else if (key.SequenceEqual("values"u8) && reader.PeekKind() == BencodeKind.List)
            {
                ReadValues(message, ref reader);
            }
            else if (key.SequenceEqual("want"u8) && reader.PeekKind() == BencodeKind.List)
            {
                ReadWant(message, ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void ReadNodes(KrpcMessage message, ref BencodeReader reader, AddressFamily family)
    {
        if (!CompactNodes.TryRead(reader.ReadBytes(), family, message.Nodes, message.Nodes.Count + MaxNodes))
        {
            throw new KrpcException("its nodes are not a whole number of nodes");
        }
    }

    private static void ReadValues(KrpcMessage message, ref BencodeReader reader)
    {
        for (reader.EnterList(); reader.NextItem();)
        {
            if (reader.PeekKind() != BencodeKind.Bytes)
            {
                reader.Skip();
            }
            else if (EndPoint(reader.ReadBytes()) is { } peer && message.Values.Count < MaxValues)
            {
                message.Values.Add(peer);
            }
        }
    }

    private static void ReadWant(KrpcMessage message, ref BencodeReader reader)
    {
        for (reader.EnterList(); reader.NextItem();)
        {
            if (reader.PeekKind() != BencodeKind.Bytes)
            {
                reader.Skip();
                continue;
            }

            message.Want |= reader.ReadBytes() switch
            {
                [(byte)'n', (byte)'4'] => WantedNodes.V4,
                [(byte)'n', (byte)'6'] => WantedNodes.V6,
                _ => WantedNodes.Unsaid,
            };
        }
    }

    private static void ReadError(KrpcMessage message, ref BencodeReader reader)
    {
        reader.EnterList();
        while (reader.NextItem())
        {
            if (reader.PeekKind() == BencodeKind.Integer)
            {
                message.ErrorCode = (int)Math.Clamp(reader.ReadInteger(), 0, int.MaxValue);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static KrpcMethod Method(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("ping"u8) ? KrpcMethod.Ping
        : name.SequenceEqual("find_node"u8) ? KrpcMethod.FindNode
        : name.SequenceEqual("get_peers"u8) ? KrpcMethod.GetPeers
        : name.SequenceEqual("announce_peer"u8) ? KrpcMethod.AnnouncePeer
        : KrpcMethod.Unknown;

    private static NodeId? Id(ReadOnlySpan<byte> bytes) => bytes.Length == NodeId.Size ? new NodeId(bytes) : null;

    private static IPEndPoint? EndPoint(ReadOnlySpan<byte> bytes)
    {
        List<IPEndPoint> at = [];
        return bytes.Length is CompactPeers.V4Size or CompactPeers.V6Size && CompactPeers.TryRead(bytes, bytes.Length, at, maxPeers: 1) && at is [var endPoint]
            ? endPoint
            : null;
    }

    private static byte[] Bounded(ReadOnlySpan<byte> bytes, int max) =>
        bytes.Length <= max ? bytes.ToArray() : throw new KrpcException($"{bytes.Length} bytes where at most {max} are taken");
}
