using System.Buffers.Binary;

namespace Pier.BitTorrent.Wire;

/// <summary>One message in place: its id and the slice of the receive buffer that is its payload.</summary>
internal readonly ref struct WireMessage(MessageId id, ReadOnlySpan<byte> payload)
{
    /// <summary>What kind of message; may be a number that no specification names.</summary>
    public MessageId Id { get; } = id;

    /// <summary>The bytes after the id.</summary>
    public ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>Checks a message without content: choke, unchoke, interested, not interested, have all, have none.</summary>
    /// <exception cref="WireException">It carries bytes.</exception>
    public void ReadEmpty() => ExpectLength(0);

    /// <summary>Index of have, suggest piece and allowed fast.</summary>
    /// <exception cref="WireException">Wrong length, or not a piece of the torrent.</exception>
    public int ReadPieceIndex(int pieceCount)
    {
        ExpectLength(4);
        return Index(Payload, pieceCount);
    }

    /// <summary>Block of request, cancel and reject.</summary>
    /// <exception cref="WireException">Wrong length, or not a block of the torrent.</exception>
    public BlockRange ReadBlock(int pieceCount)
    {
        ExpectLength(12);
        return Block(Payload, BinaryPrimitives.ReadUInt32BigEndian(Payload[8..]), pieceCount);
    }

    /// <summary>Block and data of a piece message.</summary>
    /// <exception cref="WireException">Too short, too long, or not a block of the torrent.</exception>
    public BlockRange ReadPiece(int pieceCount, out ReadOnlySpan<byte> data)
    {
        if (Payload.Length < 8)
        {
            throw new WireException($"a piece message of {Payload.Length + 1} bytes has no block");
        }

        data = Payload[8..];
        return Block(Payload, (uint)data.Length, pieceCount);
    }

    /// <summary>A BEP 5 port.</summary>
    /// <exception cref="WireException">Wrong length.</exception>
    public ushort ReadPort()
    {
        ExpectLength(2);
        return BinaryPrimitives.ReadUInt16BigEndian(Payload);
    }

    /// <summary>Id and body of an extended message (BEP 10); id 0 is the extension handshake.</summary>
    /// <exception cref="WireException">No id.</exception>
    public byte ReadExtended(out ReadOnlySpan<byte> body)
    {
        if (Payload.IsEmpty)
        {
            throw new WireException("an extended message has no id");
        }

        body = Payload[1..];
        return Payload[0];
    }

    private static int Index(ReadOnlySpan<byte> payload, int pieceCount)
    {
        var index = BinaryPrimitives.ReadUInt32BigEndian(payload);
        return index < (uint)pieceCount
            ? (int)index
            : throw new WireException($"piece {index} of a torrent of {pieceCount} pieces");
    }

    private static BlockRange Block(ReadOnlySpan<byte> payload, uint length, int pieceCount)
    {
        var offset = BinaryPrimitives.ReadUInt32BigEndian(payload[4..]);
        if (length is 0 or > WireLimits.MaxBlockLength || offset > int.MaxValue - WireLimits.MaxBlockLength)
        {
            throw new WireException($"a block of {length} bytes at {offset}");
        }

        return new BlockRange(Index(payload, pieceCount), (int)offset, (int)length);
    }

    private void ExpectLength(int length)
    {
        if (Payload.Length != length)
        {
            throw new WireException($"a {Id} message has {Payload.Length} bytes of payload, not {length}");
        }
    }
}
