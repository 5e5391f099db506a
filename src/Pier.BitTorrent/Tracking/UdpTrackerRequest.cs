using System.Buffers.Binary;
using System.Net;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Tracking;

/// <summary>Reads what clients send to a UDP tracker (BEP 15, with the options of BEP 41).</summary>
internal static class UdpTrackerRequest
{
    private const byte EndOfOptions = 0;
    private const byte NoOperation = 1;
    private const byte UrlData = 2;

    public static long ConnectionOf(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadInt64BigEndian(packet);

    public static int ActionOf(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadInt32BigEndian(packet[8..]);

    public static ReadOnlySpan<byte> TransactionOf(ReadOnlySpan<byte> packet) => packet[12..UdpTrackerPackets.RequestHeaderSize];

    /// <summary>The announce in a packet of at least <see cref="UdpTrackerPackets.AnnounceSize"/> bytes. Its own word on its address is passed over.</summary>
    public static TrackedAnnounce ReadAnnounce(ReadOnlySpan<byte> packet, IPAddress remote)
    {
        var occasion = BinaryPrimitives.ReadInt32BigEndian(packet[80..]);
        var wanted = BinaryPrimitives.ReadInt32BigEndian(packet[92..]);
        return new TrackedAnnounce(
            new InfoHash(packet[16..36]),
            new PeerId(packet[36..56]),
            new IPEndPoint(remote, BinaryPrimitives.ReadUInt16BigEndian(packet[96..])),
            BinaryPrimitives.ReadInt64BigEndian(packet[64..]),
            occasion is >= (int)AnnounceEvent.None and <= (int)AnnounceEvent.Stopped ? (AnnounceEvent)occasion : AnnounceEvent.None,
            wanted < 0 ? null : wanted,
            SameFamilyOnly: true);
    }

    /// <summary>
    /// The URL data that follows an announce, put together again. Options that are not known or cut short end it: a client that
    /// sends them has no key here.
    /// </summary>
    /// <returns>Bytes written; data beyond the destination's length is left out.</returns>
    public static int ReadUrlData(ReadOnlySpan<byte> options, Span<byte> destination)
    {
        var length = 0;
        while (!options.IsEmpty && options[0] != EndOfOptions)
        {
            if (options[0] == NoOperation)
            {
                options = options[1..];
                continue;
            }

            if (options.Length < 2 || options.Length < 2 + options[1])
            {
                break;
            }

            if (options[0] == UrlData)
            {
                var portion = options.Slice(2, options[1]);
                portion = portion[..Math.Min(portion.Length, destination.Length - length)];
                portion.CopyTo(destination[length..]);
                length += portion.Length;
            }

            options = options[(2 + options[1])..];
        }

        return length;
    }
}
