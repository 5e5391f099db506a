using System.Buffers;
using System.Buffers.Binary;

namespace Pier.BitTorrent.Wire;

/// <summary>Writes messages one after another into a send buffer (BEP 3, 6, 10).</summary>
internal readonly struct WireWriter(IBufferWriter<byte> output)
{
    /// <summary>A keep-alive: a length of zero.</summary>
    public void KeepAlive()
    {
        BinaryPrimitives.WriteUInt32BigEndian(output.GetSpan(WireLimits.PrefixLength), 0);
        output.Advance(WireLimits.PrefixLength);
    }

    /// <summary>A message without content.</summary>
    public void Empty(MessageId id) => Start(id, 0);

    /// <summary>Have, suggest piece or allowed fast.</summary>
    public void PieceIndex(MessageId id, int piece)
    {
        BinaryPrimitives.WriteInt32BigEndian(Start(id, 4), piece);
        output.Advance(4);
    }

    /// <summary>A bitfield whose spare bits are zero.</summary>
    public void Bitfield(ReadOnlySpan<byte> bits)
    {
        Start(MessageId.Bitfield, bits.Length);
        output.Write(bits);
    }

    /// <summary>Request, cancel or reject.</summary>
    public void Block(MessageId id, BlockRange block)
    {
        var body = Start(id, 12);
        BinaryPrimitives.WriteInt32BigEndian(body, block.Piece);
        BinaryPrimitives.WriteInt32BigEndian(body[4..], block.Offset);
        BinaryPrimitives.WriteInt32BigEndian(body[8..], block.Length);
        output.Advance(12);
    }

    /// <summary>An extended message; the id is the one the receiver chose (BEP 10), 0 for the extension handshake.</summary>
    public void Extended(byte id, ReadOnlySpan<byte> body)
    {
        Start(MessageId.Extended, body.Length + 1)[0] = id;
        output.Advance(1);
        output.Write(body);
    }

    /// <summary>Any message whose payload is at hand.</summary>
    public void Raw(MessageId id, ReadOnlySpan<byte> payload)
    {
        Start(id, payload.Length);
        output.Write(payload);
    }

    /// <summary>Writes the <see cref="WireLimits.PieceHeaderLength"/> bytes that stand before a block.</summary>
    public static void PieceHeader(Span<byte> destination, BlockRange block)
    {
        BinaryPrimitives.WriteInt32BigEndian(destination, block.Length + 9);
        destination[4] = (byte)MessageId.Piece;
        BinaryPrimitives.WriteInt32BigEndian(destination[5..], block.Piece);
        BinaryPrimitives.WriteInt32BigEndian(destination[9..], block.Offset);
    }

    private Span<byte> Start(MessageId id, int payloadLength)
    {
        const int head = WireLimits.PrefixLength + 1;
        var span = output.GetSpan(head);
        BinaryPrimitives.WriteInt32BigEndian(span, payloadLength + 1);
        span[WireLimits.PrefixLength] = (byte)id;
        output.Advance(head);
        return payloadLength == 0 ? [] : output.GetSpan(Math.Min(payloadLength, 12));
    }
}
