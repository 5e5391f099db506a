using System.Buffers;
using Pier.BitTorrent.Bencoding;

namespace Pier.BitTorrent.Wire;

/// <summary>Kinds of ut_metadata messages (BEP 9).</summary>
internal enum MetadataMessageKind
{
    /// <summary>Send this piece of the info dictionary.</summary>
    Request = 0,

    /// <summary>A piece; its bytes follow the dictionary.</summary>
    Data = 1,

    /// <summary>The piece will not be sent.</summary>
    Reject = 2,
}

/// <summary>A ut_metadata message (BEP 9).</summary>
/// <param name="Kind">What is said.</param>
/// <param name="Piece">Index of the 16 KiB piece of the info dictionary.</param>
/// <param name="TotalSize">With data: bytes of the whole info dictionary.</param>
internal readonly record struct MetadataMessage(MetadataMessageKind Kind, int Piece, long TotalSize)
{
    /// <summary>Bytes of a piece of the info dictionary, the last may be shorter.</summary>
    public const int PieceSize = 16 * 1024;

    /// <summary>Reads a message; what follows the dictionary is the piece's data.</summary>
    /// <exception cref="WireException">Malformed, or a piece number that cannot be.</exception>
    public static MetadataMessage Parse(ReadOnlySpan<byte> body, out ReadOnlySpan<byte> data)
    {
        try
        {
            long kind = -1, piece = -1, total = 0;
            var reader = new BencodeReader(body, BencodeKeyOrder.Tolerant);
            reader.EnterDictionary();
            while (reader.TryReadKey(out var key))
            {
                if (key.SequenceEqual("msg_type"u8))
                {
                    kind = reader.ReadInteger();
                }
                else if (key.SequenceEqual("piece"u8))
                {
                    piece = reader.ReadInteger();
                }
                else if (key.SequenceEqual("total_size"u8))
                {
                    total = reader.ReadInteger();
                }
                else
                {
                    reader.Skip();
                }
            }

            if (kind < 0 || piece is < 0 or > int.MaxValue / PieceSize)
            {
                throw new WireException($"a ut_metadata message of type {kind} for piece {piece}");
            }

            data = body[reader.Position..];
            return new MetadataMessage((MetadataMessageKind)Math.Min(kind, int.MaxValue), (int)piece, total);
        }
        catch (BencodeException malformed)
        {
            throw new WireException($"a malformed ut_metadata message: {malformed.Message}", malformed);
        }
    }

    /// <summary>Writes the dictionary; the data of a piece is written after it.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var writer = new BencodeWriter(output);
        writer.WriteDictionaryStart();
        writer.WriteInteger("msg_type"u8, (int)Kind);
        writer.WriteInteger("piece"u8, Piece);
        if (Kind == MetadataMessageKind.Data)
        {
            writer.WriteInteger("total_size"u8, TotalSize);
        }

        writer.WriteEnd();
    }
}
