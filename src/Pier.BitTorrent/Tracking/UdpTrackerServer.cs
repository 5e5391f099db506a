using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Tracking;

/// <summary>
/// Our tracker over UDP, without the socket: takes a datagram and writes its answer (BEP 15, keys by BEP 41). It keeps nothing of
/// its clients, allocates next to nothing, and never answers with more bytes than came until an address is proved. Not
/// thread-safe: one loop receives.
/// </summary>
/// <param name="tracker">What is behind it.</param>
/// <param name="time">The clock.</param>
public sealed class UdpTrackerServer(Tracker tracker, TimeProvider time)
{
    /// <summary>Room that any answer fits in. Peers are left out rather than let a datagram be cut on its way.</summary>
    public const int MaxAnswer = 1400;

    private const int MaxUrlData = 2 * AnnounceKeys.MaxLength;

    private readonly UdpConnectionIds _connections = new(time);
    private readonly TrackedPeer[] _peers = new TrackedPeer[tracker.Registry.Options.MaxPeersPerAnswer];

    /// <summary>Whether a datagram is for a UDP tracker, judged by its first bytes.</summary>
    public static bool Knows(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= UdpTrackerPackets.RequestHeaderSize
        && (datagram[0] == UdpConnectionIds.FirstByte || UdpTrackerRequest.ConnectionOf(datagram) == UdpTrackerPackets.ProtocolId);

    /// <summary>Answers a datagram.</summary>
    /// <param name="datagram">What came.</param>
    /// <param name="from">Whose address it bears, IPv4 in its plain form.</param>
    /// <param name="answer">Room for the answer: <see cref="MaxAnswer"/> bytes.</param>
    /// <returns>Bytes of the answer; 0 for what deserves none.</returns>
    public int Answer(ReadOnlySpan<byte> datagram, IPAddress from, Span<byte> answer)
    {
        ArgumentNullException.ThrowIfNull(from);
        if (!Knows(datagram))
        {
            return 0;
        }

        var connection = UdpTrackerRequest.ConnectionOf(datagram);
        var action = UdpTrackerRequest.ActionOf(datagram);
        if (connection == UdpTrackerPackets.ProtocolId)
        {
            return action == UdpTrackerPackets.ActionConnect ? Connect(datagram, from, answer) : 0;
        }

        if (!_connections.Check(connection, from))
        {
            // Shorter than any announce or scrape, so that nobody's forged address gets more than was sent.
            return action is UdpTrackerPackets.ActionAnnounce or UdpTrackerPackets.ActionScrape
                && datagram.Length >= UdpTrackerPackets.RequestHeaderSize + InfoHash.Size
                    ? Refuse(datagram, "connection id is old"u8, answer)
                    : 0;
        }

        return action switch
        {
            UdpTrackerPackets.ActionAnnounce when datagram.Length >= UdpTrackerPackets.AnnounceSize => Announce(datagram, from, answer),
            UdpTrackerPackets.ActionScrape when datagram.Length >= UdpTrackerPackets.RequestHeaderSize + InfoHash.Size => Scrape(datagram, from, answer),
            _ => Refuse(datagram, "this is neither an announce nor a scrape"u8, answer),
        };
    }

    private static void Begin(ReadOnlySpan<byte> request, int action, Span<byte> answer)
    {
        BinaryPrimitives.WriteInt32BigEndian(answer, action);
        UdpTrackerRequest.TransactionOf(request).CopyTo(answer[4..]);
    }

    private static int Refuse(ReadOnlySpan<byte> request, ReadOnlySpan<byte> reason, Span<byte> answer)
    {
        Begin(request, UdpTrackerPackets.ActionError, answer);
        reason.CopyTo(answer[UdpTrackerPackets.AnswerHeaderSize..]);
        return UdpTrackerPackets.AnswerHeaderSize + reason.Length;
    }

    private int Connect(ReadOnlySpan<byte> request, IPAddress from, Span<byte> answer)
    {
        Begin(request, UdpTrackerPackets.ActionConnect, answer);
        BinaryPrimitives.WriteInt64BigEndian(answer[8..], _connections.Create(from));
        return UdpTrackerPackets.ConnectSize;
    }

    private int Announce(ReadOnlySpan<byte> request, IPAddress from, Span<byte> answer)
    {
        Span<byte> url = stackalloc byte[MaxUrlData];
        if (!tracker.Admit(url[..UdpTrackerRequest.ReadUrlData(request[UdpTrackerPackets.AnnounceSize..], url)]))
        {
            return Refuse(request, Encoding.UTF8.GetBytes(TrackerRefusal.WrongKey.Reason), answer);
        }

        var peerSize = from.AddressFamily == AddressFamily.InterNetwork ? CompactPeers.V4Size : CompactPeers.V6Size;
        var room = Math.Min(_peers.Length, (MaxAnswer - UdpTrackerPackets.AnnounceAnswerSize) / peerSize);
        var result = tracker.Announce(UdpTrackerRequest.ReadAnnounce(request, from), _peers.AsSpan(0, room), overUdp: true);
        if (result.Refusal is { } refusal)
        {
            return Refuse(request, Encoding.UTF8.GetBytes(refusal.Reason), answer);
        }

        Begin(request, UdpTrackerPackets.ActionAnnounce, answer);
        BinaryPrimitives.WriteInt32BigEndian(answer[8..], (int)tracker.Registry.Options.Interval.TotalSeconds);
        BinaryPrimitives.WriteInt32BigEndian(answer[12..], result.Counts.Leechers);
        BinaryPrimitives.WriteInt32BigEndian(answer[16..], result.Counts.Seeders);
        var length = UdpTrackerPackets.AnnounceAnswerSize;
        foreach (var peer in _peers.AsSpan(0, result.PeerCount))
        {
            peer.Address.WriteCompact(answer[length..]);
            length += peerSize;
        }

        return length;
    }

    // BEP 41's options stand behind announces only: with keys, a scrape over UDP cannot carry one.
    private int Scrape(ReadOnlySpan<byte> request, IPAddress from, Span<byte> answer)
    {
        if (!tracker.Admit([]))
        {
            return Refuse(request, Encoding.UTF8.GetBytes(TrackerRefusal.WrongKey.Reason), answer);
        }

        tracker.Scraped();
        Begin(request, UdpTrackerPackets.ActionScrape, answer);
        var length = UdpTrackerPackets.AnswerHeaderSize;
        var hashes = request[UdpTrackerPackets.RequestHeaderSize..];
        for (var count = 0; count < UdpTrackerPackets.MaxScrape && hashes.Length >= InfoHash.Size; count++)
        {
            tracker.TryCount(new InfoHash(hashes[..InfoHash.Size]), from, out var counts);
            BinaryPrimitives.WriteInt32BigEndian(answer[length..], counts.Seeders);
            BinaryPrimitives.WriteInt32BigEndian(answer[(length + 4)..], counts.Completed);
            BinaryPrimitives.WriteInt32BigEndian(answer[(length + 8)..], counts.Leechers);
            length += UdpTrackerPackets.ScrapeEntrySize;
            hashes = hashes[InfoHash.Size..];
        }

        return length;
    }
}
