using System.Buffers;
using System.Net;
using System.Text;
using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Provisional;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Wire;

/// <summary>
/// The extension handshake (BEP 10) with the keys of BEP 9, BEP 21 and design §4. May be sent again when something has changed.
/// Unknown keys are passed over.
/// </summary>
internal sealed record ExtensionHandshake
{
    /// <summary>Extended message id of the extension handshake itself.</summary>
    public const byte Id = 0;

    private const int MaxNameBytes = 80;
    private const int IPv4Length = 4;
    private const int IPv6Length = 16;

    /// <summary>The sender's numbers for extended messages.</summary>
    public ExtensionIds Ids { get; init; }

    /// <summary>Bytes of the info dictionary, as claimed; null when the sender does not have it.</summary>
    public long? MetadataSize { get; init; }

    /// <summary>Requests that the sender lets queue up; null when it does not say.</summary>
    public int? RequestQueue { get; init; }

    /// <summary>The sender's listening port; 0 when it does not say.</summary>
    public int ListenPort { get; init; }

    /// <summary>What the sender calls itself.</summary>
    public string? Client { get; init; }

    /// <summary>Whether the sender only uploads (BEP 21); null when it does not say.</summary>
    public bool? UploadOnly { get; init; }

    /// <summary>The receiver's address as the sender sees it.</summary>
    public IPAddress? YourIp { get; init; }

    /// <summary>The sender's own IPv4 address, as it believes.</summary>
    public IPAddress? IPv4 { get; init; }

    /// <summary>The sender's own IPv6 address, as it believes.</summary>
    public IPAddress? IPv6 { get; init; }

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

    /// <summary>What is known of a peer that said this after it had said something else: what it left out stays as it was.</summary>
    public ExtensionHandshake After(ExtensionHandshake? earlier) => earlier is null ? this : this with
    {
        MetadataSize = MetadataSize ?? earlier.MetadataSize,
        RequestQueue = RequestQueue ?? earlier.RequestQueue,
        ListenPort = ListenPort == 0 ? earlier.ListenPort : ListenPort,
        Client = Client ?? earlier.Client,
        UploadOnly = UploadOnly ?? earlier.UploadOnly,
        Pier = Pier ?? earlier.Pier,
    };

    /// <summary>Writes the body, keys in order.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var writer = new BencodeWriter(output);
        writer.WriteDictionaryStart();
        WriteOptional(writer, "ipv4"u8, IPv4);
        WriteOptional(writer, "ipv6"u8, IPv6);
        writer.WriteKey("m"u8);
        Ids.WriteTo(writer);
        WriteOptional(writer, "metadata_size"u8, MetadataSize);
        WriteOptional(writer, "p"u8, ListenPort == 0 ? null : ListenPort);
        if (Pier is { } claim)
        {
            WritePier(writer, claim);
        }

        WriteOptional(writer, "reqq"u8, RequestQueue);
        WriteOptional(writer, "upload_only"u8, UploadOnly is { } only ? (only ? 1 : 0) : null);
        if (Client is not null)
        {
            writer.WriteText("v"u8, Client);
        }

        WriteOptional(writer, "yourip"u8, YourIp);

        writer.WriteEnd();
    }

    private static ExtensionHandshake Read(ExtensionHandshake soFar, ReadOnlySpan<byte> key, ref BencodeReader reader)
    {
        if (key.SequenceEqual("m"u8))
        {
            return soFar with { Ids = ExtensionIds.Read(ref reader) };
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

        if (reader.PeekKind() == BencodeKind.Bytes)
        {
            return ReadAddress(soFar, key, ref reader);
        }

        reader.Skip();
        return soFar;
    }

    private static ExtensionHandshake ReadAddress(ExtensionHandshake soFar, ReadOnlySpan<byte> key, ref BencodeReader reader)
    {
        // An address whose length no family has says nothing.
        var bytes = reader.ReadBytes();
        return bytes.Length switch
        {
            IPv4Length when key.SequenceEqual("ipv4"u8) => soFar with { IPv4 = new IPAddress(bytes) },
            IPv6Length when key.SequenceEqual("ipv6"u8) => soFar with { IPv6 = new IPAddress(bytes) },
            IPv4Length or IPv6Length when key.SequenceEqual("yourip"u8) => soFar with { YourIp = new IPAddress(bytes) },
            _ => soFar,
        };
    }

    private static PierClaim ReadPier(ref BencodeReader reader)
    {
        long size = -1;
        InfoHash? v1 = null;
        InfoHashV2? v2 = null;
        ReadOnlyMemory<byte> member = default, claim = default;
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
            else if (key.SequenceEqual("member"u8) && reader.ReadBytes() is { Length: <= ProvisionalSpec.MaxNameSize } name)
            {
                member = name.ToArray();
            }
            else if (key.SequenceEqual("claim"u8) && reader.ReadBytes() is { Length: ProvisionalSpec.ClaimSize } told)
            {
                claim = told.ToArray();
            }
            else if (!key.SequenceEqual("v1"u8) && !key.SequenceEqual("v2"u8) && !key.SequenceEqual("member"u8) && !key.SequenceEqual("claim"u8))
            {
                reader.Skip();
            }
        }

        if (size < 0 && v1 is null && v2 is null)
        {
            return PierClaim.Seeking with { Claim = claim, Member = member };
        }

        return size > 0 && v1 is not null && v2 is not null
            ? new PierClaim(size, new TorrentId(v1, v2))
            : throw new WireException("'pier' in the extension handshake lacks a size or a whole info-hash");
    }

    private static void WritePier(BencodeWriter writer, PierClaim claim)
    {
        writer.WriteKey("pier"u8);
        writer.WriteDictionaryStart();
        if (!claim.Claim.IsEmpty)
        {
            writer.WriteBytes("claim"u8, claim.Claim.Span);
        }

        if (!claim.Member.IsEmpty)
        {
            writer.WriteBytes("member"u8, claim.Member.Span);
        }

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

    private static void WriteOptional(BencodeWriter writer, ReadOnlySpan<byte> key, IPAddress? address)
    {
        if (address is not null)
        {
            writer.WriteBytes(key, address.GetAddressBytes());
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
