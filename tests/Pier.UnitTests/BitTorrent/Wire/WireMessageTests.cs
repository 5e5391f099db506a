using System.Buffers;
using Pier.BitTorrent.Wire;

namespace Pier.UnitTests.BitTorrent.Wire;

/// <summary>Every message of BEP 3, 6 and 10 by its bytes, and the bounds on what is believed.</summary>
public sealed class WireMessageTests
{
    [Theory]
    [InlineData((byte)MessageId.Choke, "0000000100")]
    [InlineData((byte)MessageId.Unchoke, "0000000101")]
    [InlineData((byte)MessageId.Interested, "0000000102")]
    [InlineData((byte)MessageId.NotInterested, "0000000103")]
    [InlineData((byte)MessageId.HaveAll, "000000010e")]
    [InlineData((byte)MessageId.HaveNone, "000000010f")]
    public void Messages_without_content(byte id, string hex)
    {
        Written(writer => writer.Empty((MessageId)id)).ShouldBe(hex);
        Read(hex, message =>
        {
            message.ReadEmpty();
            return message.Id;
        }).ShouldBe((MessageId)id);
    }

    [Theory]
    [InlineData((byte)MessageId.Have, "000000050400000102")]
    [InlineData((byte)MessageId.SuggestPiece, "000000050d00000102")]
    [InlineData((byte)MessageId.AllowedFast, "000000051100000102")]
    public void Messages_with_a_piece(byte id, string hex)
    {
        Written(writer => writer.PieceIndex((MessageId)id, 0x102)).ShouldBe(hex);
        Read(hex, message => message.ReadPieceIndex(pieceCount: 0x103)).ShouldBe(0x102);
        Should.Throw<WireException>(() => Read(hex, message => message.ReadPieceIndex(pieceCount: 0x102)));
    }

    [Theory]
    [InlineData((byte)MessageId.Request, "0000000d06000000010000400000004000")]
    [InlineData((byte)MessageId.Cancel, "0000000d08000000010000400000004000")]
    [InlineData((byte)MessageId.RejectRequest, "0000000d10000000010000400000004000")]
    public void Messages_with_a_block(byte id, string hex)
    {
        var block = new BlockRange(1, 0x4000, 0x4000);
        Written(writer => writer.Block((MessageId)id, block)).ShouldBe(hex);
        Read(hex, message => message.ReadBlock(pieceCount: 2)).ShouldBe(block);
    }

    [Fact]
    public void A_piece_carries_its_data_in_place()
    {
        var header = new byte[WireLimits.PieceHeaderLength];
        WireWriter.PieceHeader(header, new BlockRange(1, 0x4000, 3));
        var hex = Convert.ToHexStringLower(header) + "0a0b0c";
        hex.ShouldBe("0000000c0700000001000040000a0b0c");
        Read(hex, message =>
        {
            message.ReadPiece(pieceCount: 2, out var data).ShouldBe(new BlockRange(1, 0x4000, 3));
            return Convert.ToHexStringLower(data);
        }).ShouldBe("0a0b0c");
    }

    [Fact]
    public void Extended_messages_and_keep_alives()
    {
        Written(writer => writer.Extended(2, "de"u8)).ShouldBe("0000000414026465");
        Written(writer => writer.KeepAlive()).ShouldBe("00000000");
        Written(writer => writer.Bitfield([0x80])).ShouldBe("000000020580");
        Read("00000000000000000000000414026465", message =>
        {
            message.ReadExtended(out var body).ShouldBe((byte)2);
            return Convert.ToHexStringLower(body);
        }).ShouldBe("6465");
    }

    [Theory]
    [InlineData("000000020000")]
    [InlineData("00000001040000")]
    [InlineData("0000000406000000")]
    [InlineData("0000000d06000000010000000000000000")]
    [InlineData("0000000d06000000010000000000020001")]
    [InlineData("0000000d0600000001ffffffff00004000")]
    [InlineData("0000000907000000010000")]
    [InlineData("00000009070000000100000000")]
    [InlineData("0000000114")]
    public void Wrong_lengths_and_values_are_refused(string hex) => Should.Throw<WireException>(() => Read(hex, message =>
    {
        switch (message.Id)
        {
            case MessageId.Choke:
                message.ReadEmpty();
                break;
            case MessageId.Have:
                message.ReadPieceIndex(10);
                break;
            case MessageId.Piece:
                message.ReadPiece(10, out _);
                break;
            case MessageId.Extended:
                message.ReadExtended(out _);
                break;
            default:
                message.ReadBlock(10);
                break;
        }

        return 0;
    }));

    [Theory]
    [InlineData("0010000105")]
    [InlineData("ffffffff")]
    [InlineData("0002000a07")]
    [InlineData("7fffffff07")]
    public void Lengths_beyond_the_bound_are_refused_before_the_message_has_come(string hex) =>
        Should.Throw<WireException>(() => Read(hex + "00", _ => 0));

    [Fact]
    public void Waits_for_the_rest_and_says_how_much_room_it_needs()
    {
        var reader = new WireReader(Convert.FromHexString("0000000102" + "00000005040000"));
        reader.TryRead(out _).ShouldBeTrue();
        reader.TryRead(out _).ShouldBeFalse();
        reader.Consumed.ShouldBe(5);
        reader.NextLength.ShouldBe(9);
    }

    private static string Written(Action<WireWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(new WireWriter(buffer));
        return Convert.ToHexStringLower(buffer.WrittenSpan);
    }

    private static T Read<T>(string hex, Func<WireMessage, T> read)
    {
        var reader = new WireReader(Convert.FromHexString(hex));
        return reader.TryRead(out var message) ? read(message) : throw new WireException("the message is not whole");
    }
}
