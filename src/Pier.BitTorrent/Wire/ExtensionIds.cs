using Pier.BitTorrent.Bencoding;

namespace Pier.BitTorrent.Wire;

/// <summary>
/// The numbers one side has chosen for extended messages (BEP 10, key <c>m</c>): who sends puts the receiver's number on a
/// message. 0 means that the extension is not spoken.
/// </summary>
internal readonly record struct ExtensionIds
{
    /// <summary>What we chose.</summary>
    public static ExtensionIds Ours { get; } = new() { Pex = 1, Metadata = 2, DontHave = 3, UploadOnly = 4 };

    /// <summary><c>ut_pex</c> (BEP 11).</summary>
    public byte Pex { get; init; }

    /// <summary>What we chose while a blob is provisional.</summary>
    public static ExtensionIds Provisional { get; } = Ours with { Pex = 0, Piece = 5 };

    /// <summary><c>ut_metadata</c> (BEP 9).</summary>
    public byte Metadata { get; init; }

    /// <summary><c>lt_donthave</c> (BEP 54).</summary>
    public byte DontHave { get; init; }

    /// <summary><c>upload_only</c>: libtorrent's way to change BEP 21's key later.</summary>
    public byte UploadOnly { get; init; }

    /// <summary><c>pier_piece</c> (design §4), told while a blob is provisional.</summary>
    public byte Piece { get; init; }

    /// <summary>Reads the dictionary. A later handshake adds to an earlier one (BEP 10).</summary>
    public static ExtensionIds Read(ref BencodeReader reader)
    {
        var ids = default(ExtensionIds);
        reader.EnterDictionary();
        while (reader.TryReadKey(out var name))
        {
            if (name.SequenceEqual("ut_metadata"u8))
            {
                ids = ids with { Metadata = ReadId(ref reader) };
            }
            else if (name.SequenceEqual("ut_pex"u8))
            {
                ids = ids with { Pex = ReadId(ref reader) };
            }
            else if (name.SequenceEqual("lt_donthave"u8))
            {
                ids = ids with { DontHave = ReadId(ref reader) };
            }
            else if (name.SequenceEqual("pier_piece"u8))
            {
                ids = ids with { Piece = ReadId(ref reader) };
            }
            else if (name.SequenceEqual("upload_only"u8))
            {
                ids = ids with { UploadOnly = ReadId(ref reader) };
            }
            else
            {
                reader.Skip();
            }
        }

        return ids;
    }

    /// <summary>Writes the dictionary, keys in order.</summary>
    public void WriteTo(BencodeWriter writer)
    {
        writer.WriteDictionaryStart();
        Write(writer, "lt_donthave"u8, DontHave);
        Write(writer, "pier_piece"u8, Piece);
        Write(writer, "upload_only"u8, UploadOnly);
        Write(writer, "ut_metadata"u8, Metadata);
        Write(writer, "ut_pex"u8, Pex);
        writer.WriteEnd();
    }

    private static void Write(BencodeWriter writer, ReadOnlySpan<byte> name, byte id)
    {
        if (id != 0)
        {
            writer.WriteInteger(name, id);
        }
    }

    private static byte ReadId(ref BencodeReader reader)
    {
        // 0 switches an extension off; beyond a byte it could never be sent.
        var value = reader.ReadInteger();
        return value is > 0 and <= byte.MaxValue ? (byte)value : (byte)0;
    }
}
