using System.Buffers.Binary;
using System.Text;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Trackers;

/// <summary>The packets of the UDP tracker protocol (BEP 15, with the URL data of BEP 41). All numbers are big-endian.</summary>
internal static class UdpTrackerPackets
{
    /// <summary>Says in the first packet that it is this protocol.</summary>
    public const long ProtocolId = 0x41727101980;

    public const int ActionConnect = 0;
    public const int ActionAnnounce = 1;
    public const int ActionScrape = 2;
    public const int ActionError = 3;

    /// <summary>Bytes of action and transaction id, with which every answer begins.</summary>
    public const int AnswerHeaderSize = 8;

    public const int ConnectSize = 16;

    /// <summary>Bytes of connection id, action and transaction id, with which every request begins.</summary>
    public const int RequestHeaderSize = 16;

    public const int AnnounceSize = 98;

    /// <summary>Bytes of an announce answer before its peers.</summary>
    public const int AnnounceAnswerSize = 20;

    /// <summary>Swarms in one scrape.</summary>
    public const int MaxScrape = 74;

    /// <summary>Bytes per swarm in a scrape answer.</summary>
    public const int ScrapeEntrySize = 12;

    private const byte UrlDataOption = 2;

    public static int WriteConnect(Span<byte> packet, int transaction)
    {
        WriteHeader(packet, ProtocolId, ActionConnect, transaction);
        return ConnectSize;
    }

    public static int WriteAnnounce(Span<byte> packet, long connection, int transaction, AnnounceRequest request, string urlData)
    {
        WriteHeader(packet, connection, ActionAnnounce, transaction);
        request.InfoHash.CopyTo(packet[16..]);
        request.PeerId.CopyTo(packet[36..]);
        BinaryPrimitives.WriteInt64BigEndian(packet[56..], request.Stats.Downloaded);
        BinaryPrimitives.WriteInt64BigEndian(packet[64..], request.Stats.Left);
        BinaryPrimitives.WriteInt64BigEndian(packet[72..], request.Stats.Uploaded);
        BinaryPrimitives.WriteInt32BigEndian(packet[80..], (int)request.Event);
        BinaryPrimitives.WriteUInt32BigEndian(packet[84..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(packet[88..], request.Key);
        BinaryPrimitives.WriteInt32BigEndian(packet[92..], request.Stats.PeersWanted);
        BinaryPrimitives.WriteUInt16BigEndian(packet[96..], request.Port);
        return AnnounceSize + WriteUrlData(packet[AnnounceSize..], urlData);
    }

    public static int WriteScrape(Span<byte> packet, long connection, int transaction, IReadOnlyList<InfoHash> infoHashes)
    {
        WriteHeader(packet, connection, ActionScrape, transaction);
        for (var index = 0; index < infoHashes.Count; index++)
        {
            infoHashes[index].CopyTo(packet[(RequestHeaderSize + (index * InfoHash.Size))..]);
        }

        return RequestHeaderSize + (infoHashes.Count * InfoHash.Size);
    }

    public static void WriteHeader(Span<byte> packet, long connection, int action, int transaction)
    {
        BinaryPrimitives.WriteInt64BigEndian(packet, connection);
        BinaryPrimitives.WriteInt32BigEndian(packet[8..], action);
        BinaryPrimitives.WriteInt32BigEndian(packet[12..], transaction);
    }

    // BEP 41: path and query in portions of at most 255 bytes.
    private static int WriteUrlData(Span<byte> options, string urlData)
    {
        var left = Encoding.ASCII.GetBytes(urlData).AsSpan();
        var written = 0;
        while (!left.IsEmpty)
        {
            var portion = left[..Math.Min(left.Length, byte.MaxValue)];
            options[written] = UrlDataOption;
            options[written + 1] = (byte)portion.Length;
            portion.CopyTo(options[(written + 2)..]);
            written += portion.Length + 2;
            left = left[portion.Length..];
        }

        return written;
    }
}
