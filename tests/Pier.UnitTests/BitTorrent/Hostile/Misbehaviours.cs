using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Pier.BitTorrent.Wire;

namespace Pier.UnitTests.BitTorrent.Hostile;

/// <summary>Ways to break the protocol that earn a hang-up, by name; the torrent has three pieces of 256 KiB, the last shorter.</summary>
internal static class Misbehaviours
{
    private const int Flood = 20_000;

    /// <summary>Messages in hexadecimal; one that is cut short stands for one whose rest never comes.</summary>
    private static readonly Dictionary<string, string> Bytes = new()
    {
        ["a length prefix of 4 GiB"] = "ffffffff05",
        ["a length prefix beyond the bound"] = "0010000114",
        ["a piece longer than any block"] = "0002100907",
        ["a have that is too short"] = "000000030400ff",
        ["an unchoke that carries bytes"] = "000000020100",
        ["a bitfield that is too long"] = "00000003050000",
        ["a bitfield that is too short"] = "0000000105",
        ["a bitfield with spare bits"] = "0000000205ff",
        ["a bitfield twice"] = "0000000205e00000000205e0",
        ["a bitfield after have all"] = "000000010e0000000205e0",
        ["a bitfield that takes a piece back"] = "0000000205c00000000205a0",
        ["have all twice"] = "000000010e000000010e",
        ["have none after a bitfield"] = "000000020580000000010f",
        ["an extended message without a number"] = "0000000114",
    };

    private static readonly Dictionary<string, Action<WireWriter>> Messages = new()
    {
        ["have none after trade has begun"] = writer =>
        {
            writer.Block(MessageId.Request, new BlockRange(0, 0, 16384));
            writer.Empty(MessageId.HaveNone);
        },
        ["a have beyond the end"] = writer => writer.PieceIndex(MessageId.Have, 3),
        ["a have of piece -1"] = writer => writer.PieceIndex(MessageId.Have, -1),
        ["an allowed fast beyond the end"] = writer => writer.PieceIndex(MessageId.AllowedFast, 3),
        ["a suggestion beyond the end"] = writer => writer.PieceIndex(MessageId.SuggestPiece, int.MaxValue),
        ["a request of a piece beyond the end"] = writer => writer.Block(MessageId.Request, new BlockRange(3, 0, 16384)),
        ["a request beyond the end of its piece"] = writer => writer.Block(MessageId.Request, new BlockRange(2, 0, 131072)),
        ["a request of nothing"] = writer => writer.Block(MessageId.Request, new BlockRange(0, 0, 0)),
        ["a request that is too large"] = writer => writer.Block(MessageId.Request, new BlockRange(0, 0, 131073)),
        ["a request at a negative offset"] = writer => writer.Block(MessageId.Request, new BlockRange(0, -16384, 16384)),
        ["a reject of a piece beyond the end"] = writer => writer.Block(MessageId.RejectRequest, new BlockRange(7, 0, 16384)),
        ["a flood of requests while choked"] = Times(Flood, writer => writer.Block(MessageId.Request, new BlockRange(0, 0, 16384))),
        ["a flood of cancels"] = Times(Flood, writer => writer.Block(MessageId.Cancel, new BlockRange(0, 0, 16384))),
        ["a flood of rejects"] = Times(Flood, writer => writer.Block(MessageId.RejectRequest, new BlockRange(0, 0, 16384))),
        ["a flood of suggestions"] = Times(Flood, writer => writer.PieceIndex(MessageId.SuggestPiece, 1)),
        ["a flood of allowed fasts"] = Times(Flood, writer => writer.PieceIndex(MessageId.AllowedFast, 1)),
        ["a flood of toggles"] = Times(Flood / 2, writer =>
        {
            writer.Empty(MessageId.Interested);
            writer.Empty(MessageId.NotInterested);
        }),
        ["a flood of messages nobody knows"] = Times(Flood, writer => writer.Empty((MessageId)99)),
        ["a flood of extended messages nobody knows"] = Times(Flood, writer => writer.Extended(99, "x"u8)),
        ["a flood of blocks nobody asked for"] = Times(2100, writer => Piece(writer, 0, 0, new byte[16384])),
        ["an extension handshake that is too large"] = writer => writer.Extended(0, Encoding.ASCII.GetBytes($"d1:v70000:{new string('x', 70_000)}e")),
        ["an extension handshake that is no dictionary"] = writer => writer.Extended(0, "i7e"u8),
        ["an extension handshake nested too deep"] = writer => writer.Extended(0, Encoding.ASCII.GetBytes($"d1:x{new string('l', 5000)}{new string('e', 5000)}e")),
        ["a flood of extension handshakes"] = Times(1000, writer => writer.Extended(0, "de"u8)),
        ["a flood of requests for the info dictionary"] = writer =>
        {
            writer.Extended(0, "d1:md11:ut_metadatai1eee"u8);
            Times(200, request => request.Extended(2, "d8:msg_typei0e5:piecei0ee"u8))(writer);
        },
        ["a negative piece of the info dictionary"] = writer => writer.Extended(2, "d8:msg_typei0e5:piecei-1ee"u8),
        ["more than a piece of the info dictionary"] =
            writer => writer.Extended(2, [.. "d8:msg_typei1e5:piecei0e10:total_sizei100ee"u8, .. new byte[16385]]),
        ["a lost piece beyond the end"] = writer => writer.Extended(3, [0, 0, 0, 3]),
        ["a lost piece without a number"] = writer => writer.Extended(3, [0, 0]),
        ["a hash request of nothing"] = writer => writer.Raw(MessageId.HashRequest, Hashes(0, 0, 0, 0)),
        ["a hash request that is not aligned"] = writer => writer.Raw(MessageId.HashRequest, Hashes(0, 1, 2, 0)),
        ["a hash request for too much"] = writer => writer.Raw(MessageId.HashRequest, Hashes(0, 0, 16384, 0)),
        ["a hash request above every tree"] = writer => writer.Raw(MessageId.HashRequest, Hashes(100, 0, 2, 0)),
        ["a hash answer with half a node"] = writer => writer.Raw(MessageId.Hashes, [.. Hashes(0, 0, 2, 0), .. new byte[65]]),
    };

    public static IEnumerable<string> Names => Bytes.Keys.Concat(Messages.Keys);

    public static byte[] Of(string name)
    {
        if (Bytes.TryGetValue(name, out var hex))
        {
            return Convert.FromHexString(hex);
        }

        var output = new ArrayBufferWriter<byte>();
        Messages[name](new WireWriter(output));
        return output.WrittenSpan.ToArray();
    }

    public static byte[] Hashes(int layer, int index, int length, int proofs)
    {
        var payload = new byte[48];
        BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(32), layer);
        BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(36), index);
        BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(40), length);
        BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(44), proofs);
        return payload;
    }

    public static void Piece(WireWriter writer, int piece, int offset, byte[] data)
    {
        var header = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(header, piece);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), offset);
        writer.Raw(MessageId.Piece, [.. header, .. data]);
    }

    public static Action<WireWriter> Times(int times, Action<WireWriter> write) => writer =>
    {
        for (var count = 0; count < times; count++)
        {
            write(writer);
        }
    };
}
