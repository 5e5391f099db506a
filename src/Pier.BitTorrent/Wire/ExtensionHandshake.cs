using System.Buffers;
using System.Text;
using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Wire;

/// <summary>The extension handshake (BEP 10) with the keys of BEP 9, BEP 21 and design §4. Unknown keys are passed over.</summary>
internal sealed record ExtensionHandshake
{
    /// <summary>Extended message id of the extension handshake itself.</summary>
    public const byte Id = 0;

    private const int MaxNameBytes = 80;

    /// <summary>The sender's id for <c>ut_metadata</c>; 0 when it does not speak it.</summary>
    public byte MetadataId { get; init; }

    /// <summary>Bytes of the info dictionary, as claimed; null when the sender does not have it.</summary>
    public long? MetadataSize { get; init; }

    /// <summary>Requests that the sender lets queue up; null when it does not say.</summary>
    public int? RequestQueue { get; init; }

    /// <summary>The sender's listening port; 0 when it does not say.</summary>
    public int ListenPort { get; init; }

    /// <summary>What the sender calls itself.</summary>
    public string? Client { get; init; }

    /// <summary>Whether the sender only uploads (BEP 21).</summary>
    public bool UploadOnly { get; init; }

    /// <summary>Set on rendezvous connections.</summary>
    public PierClaim? Pier { get; init; }

    /// <summary>Reads a handshake's body.</summary>
    /// <exception cref="WireException">Not a bencoded dictionary, beyond its bound, or a known key with a value of another kind.</exception>
    public static ExtensionHandshake Parse(ReadOnlySpan<byte> body)
    {
        if (body.Length > WireLimits.MaxExtensionHandshake)
        {
            throw new WireException($"an extension handshake of {body.Length} bytes");
        }

        try
        {
            // Some clients append their keys unsorted; nothing here is hashed.
            var reader = new BencodeReader(body, BencodeKeyOrder.Tolerant);
            var handshake = new ExtensionHandshake();
            reader.EnterDictionary();
            while (reader.TryReadKey(out var key))
            {
                handshake = Read(handshake, key, ref reader);
            }

            return handshake;
        }
        catch (BencodeException malformed)
        {
            throw new WireException($"a malformed extension handshake: {malformed.Message}", malformed);
        }
    }

    /// <summary>Writes the body, keys in order.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var writer = new BencodeWriter(output);
        writer.WriteDictionaryStart();
        writer.WriteKey("m"u8);
        writer.WriteDictionaryStart();
        if (MetadataId != 0)
        {
            writer.WriteInteger("ut_metadata"u8, MetadataId);
        }

        writer.WriteEnd();
        WriteOptional(writer, "metadata_size"u8, MetadataSize);
        WriteOptional(writer, "p"u8, ListenPort == 0 ? null : ListenPort);
        if (Pier is { } claim)
        {
            WritePier(writer, claim);
        }

        WriteOptional(writer, "reqq"u8, RequestQueue);
        WriteOptional(writer, "upload_only"u8, UploadOnly ? 1 : null);
        if (Client is not null)
        {
            writer.WriteText("v"u8, Client);
        }

        writer.WriteEnd();
    }

    private static ExtensionHandshake Read(ExtensionHandshake soFar, ReadOnlySpan<byte> key, ref BencodeReader reader)
    {
        if (key.SequenceEqual("m"u8))
        {
            return soFar with { MetadataId = ReadMetadataId(ref reader) };
        }

        if (key.SequenceEqual("metadata_size"u8))
        {
            var size = reader.ReadInteger();
            return soFar with { MetadataSize = size > 0 ? size : null };
        }

        if (key.SequenceEqual("reqq"u8))
        {
            return soFar with { RequestQueue = (int)Math.Clamp(reader.ReadInteger(), 1, int.MaxValue) };
        }

        if (key.SequenceEqual("p"u8))
        {
            var port = reader.ReadInteger();
            return soFar with { ListenPort = port is > 0 and <= ushort.MaxValue ? (int)port : 0 };
        }

        if (key.SequenceEqual("v"u8) && reader.PeekKind() == BencodeKind.Bytes)
        {
            var name = reader.ReadBytes();
            return soFar with { Client = Printable(name[..Math.Min(name.Length, MaxNameBytes)]) };
        }

        if (key.SequenceEqual("upload_only"u8) && reader.PeekKind() == BencodeKind.Integer)
        {
            return soFar with { UploadOnly = reader.ReadInteger() != 0 };
        }

        if (key.SequenceEqual("pier"u8) && reader.PeekKind() == BencodeKind.Dictionary)
        {
            return soFar with { Pier = ReadPier(ref reader) };
        }

        reader.Skip();
        return soFar;
    }

    private static byte ReadMetadataId(ref BencodeReader reader)
    {
        byte id = 0;
        reader.EnterDictionary();
        while (reader.TryReadKey(out var name))
        {
            if (name.SequenceEqual("ut_metadata"u8))
            {
                // 0 switches an extension off; beyond a byte it could never be sent.
                var value = reader.ReadInteger();
                id = value is > 0 and <= byte.MaxValue ? (byte)value : (byte)0;
            }
            else
            {
                reader.Skip();
            }
        }

        return id;
    }

    private static PierClaim ReadPier(ref BencodeReader reader)
    {
        long size = -1;
        InfoHash? v1 = null;
        InfoHashV2? v2 = null;
        reader.EnterDictionary();
        while (reader.TryReadKey(out var key))
        {
            if (key.SequenceEqual("size"u8))
            {
                size = reader.ReadInteger();
            }
            else if (key.SequenceEqual("v1"u8) && reader.ReadBytes() is { Length: InfoHash.Size } first)
            {
                v1 = new InfoHash(first);
            }
            else if (key.SequenceEqual("v2"u8) && reader.ReadBytes() is { Length: InfoHashV2.Size } second)
            {
                v2 = new InfoHashV2(second);
            }
            else if (!key.SequenceEqual("v1"u8) && !key.SequenceEqual("v2"u8))
            {
                reader.Skip();
            }
        }

        if (size < 0 && v1 is null && v2 is null)
        {
            return PierClaim.Seeking;
        }

        return size > 0 && v1 is not null && v2 is not null
            ? new PierClaim(size, new TorrentId(v1, v2))
            : throw new WireException("'pier' in the extension handshake lacks a size or a whole info-hash");
    }

    private static void WritePier(BencodeWriter writer, PierClaim claim)
    {
        writer.WriteKey("pier"u8);
        writer.WriteDictionaryStart();
        if (claim.Id is { V1: { } v1, V2: { } v2 })
        {
            writer.WriteInteger("size"u8, claim.Size);
            writer.WriteBytes("v1"u8, v1.ToArray());
            writer.WriteBytes("v2"u8, v2.ToArray());
        }

        writer.WriteEnd();
    }

    private static void WriteOptional(BencodeWriter writer, ReadOnlySpan<byte> key, long? value)
    {
        if (value is { } known)
        {
            writer.WriteInteger(key, known);
        }
    }

    private static string Printable(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var letter in Encoding.UTF8.GetString(name))
        {
            text.Append(char.IsControl(letter) ? '.' : letter);
        }

        return text.ToString();
    }
}
