using System.Buffers.Binary;
using System.Net;
using System.Text;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Trackers;

/// <summary>Reads the answers of UDP trackers (BEP 15).</summary>
internal static class UdpTrackerAnswer
{
    /// <summary>Whether a packet answers this request at all; what does not is dropped without a word.</summary>
    public static bool Answers(ReadOnlySpan<byte> packet, int transaction) =>
        packet.Length >= UdpTrackerPackets.AnswerHeaderSize
        && BinaryPrimitives.ReadInt32BigEndian(packet[4..]) == transaction;

    /// <exception cref="TrackerException">A refusal, or too short.</exception>
    public static long ReadConnect(string tracker, ReadOnlySpan<byte> packet)
    {
        CheckAction(tracker, packet, UdpTrackerPackets.ActionConnect, UdpTrackerPackets.ConnectSize);
        return BinaryPrimitives.ReadInt64BigEndian(packet[8..]);
    }

    /// <exception cref="TrackerException">A refusal, or malformed.</exception>
    public static AnnounceAnswer ReadAnnounce(string tracker, ReadOnlySpan<byte> packet, bool isIPv6)
    {
        CheckAction(tracker, packet, UdpTrackerPackets.ActionAnnounce, UdpTrackerPackets.AnnounceAnswerSize);
        var peers = new List<IPEndPoint>();
        var peerSize = isIPv6 ? CompactPeers.V6Size : CompactPeers.V4Size;
        var bytes = packet[UdpTrackerPackets.AnnounceAnswerSize..];
        if (!CompactPeers.TryRead(bytes, peerSize, peers, TrackerBounds.MaxPeers))
        {
            throw new TrackerException(tracker, $"{bytes.Length} bytes of peers are not a whole number of {peerSize}-byte addresses");
        }

        return new AnnounceAnswer
        {
            Interval = TrackerBounds.Interval(BinaryPrimitives.ReadInt32BigEndian(packet[8..])),
            Leechers = TrackerBounds.Count(BinaryPrimitives.ReadInt32BigEndian(packet[12..])),
            Seeders = TrackerBounds.Count(BinaryPrimitives.ReadInt32BigEndian(packet[16..])),
            Peers = peers,
        };
    }

    /// <exception cref="TrackerException">A refusal, or not an entry per swarm.</exception>
    public static void ReadScrape(
        string tracker,
        ReadOnlySpan<byte> packet,
        IReadOnlyList<InfoHash> infoHashes,
        Dictionary<InfoHash, SwarmCounts> swarms)
    {
        var size = UdpTrackerPackets.AnswerHeaderSize + (infoHashes.Count * UdpTrackerPackets.ScrapeEntrySize);
        CheckAction(tracker, packet, UdpTrackerPackets.ActionScrape, size);
        for (var index = 0; index < infoHashes.Count; index++)
        {
            var entry = packet.Slice(UdpTrackerPackets.AnswerHeaderSize + (index * UdpTrackerPackets.ScrapeEntrySize), UdpTrackerPackets.ScrapeEntrySize);
            swarms[infoHashes[index]] = new SwarmCounts(Count(entry), Count(entry[4..]), Count(entry[8..]));
        }
    }

    private static int Count(ReadOnlySpan<byte> bytes) => Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(bytes));

    private static void CheckAction(string tracker, ReadOnlySpan<byte> packet, int expected, int minSize)
    {
        var action = BinaryPrimitives.ReadInt32BigEndian(packet);
        if (action == UdpTrackerPackets.ActionError)
        {
            var reason = TrackerBounds.Message(packet[UdpTrackerPackets.AnswerHeaderSize..]);
            throw new TrackerException(tracker, $"it refused: {reason}") { IsRefusal = true };
        }

        // What opentracker answers for a torrent that is not on its list.
        if (action == expected && packet.Length == UdpTrackerPackets.AnswerHeaderSize)
        {
            throw new TrackerException(tracker, "it answered without content; it may not serve this torrent") { IsRefusal = true };
        }

        if (action != expected || packet.Length < minSize)
        {
            throw new TrackerException(tracker, $"its answer is action {action} in {packet.Length} bytes instead of {expected} in at least {minSize}");
        }
    }
}
