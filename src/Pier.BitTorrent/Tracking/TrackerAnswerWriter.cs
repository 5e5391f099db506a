using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Tracking;

/// <summary>Writes our tracker's HTTP answers (BEP 3, 7, 23, 24, 48).</summary>
internal static class TrackerAnswerWriter
{
    public static byte[] Failure(string reason)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new BencodeWriter(buffer);
        writer.WriteDictionaryStart();
        writer.WriteText("failure reason"u8, reason);
        writer.WriteEnd();
        return buffer.WrittenSpan.ToArray();
    }

    public static byte[] Announce(RegistryAnswer answer, IPAddress remote, bool isCompact, bool omitsPeerIds)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new BencodeWriter(buffer);
        writer.WriteDictionaryStart();
        writer.WriteInteger("complete"u8, answer.Counts.Seeders);
        writer.WriteBytes("external ip"u8, remote.GetAddressBytes());
        writer.WriteInteger("incomplete"u8, answer.Counts.Leechers);
        writer.WriteInteger("interval"u8, (long)answer.Interval.TotalSeconds);
        writer.WriteInteger("min interval"u8, (long)answer.MinInterval.TotalSeconds);
        if (isCompact)
        {
            WriteCompact(writer, answer.Peers);
        }
        else
        {
            WriteList(writer, answer.Peers, omitsPeerIds);
        }

        writer.WriteEnd();
        return buffer.WrittenSpan.ToArray();
    }

    public static byte[] Scrape(IReadOnlyDictionary<InfoHash, SwarmCounts> swarms)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new BencodeWriter(buffer);
        Span<byte> key = stackalloc byte[InfoHash.Size];
        writer.WriteDictionaryStart();
        writer.WriteKey("files"u8);
        writer.WriteDictionaryStart();

        // Keys ascend by their bytes; hexadecimal sorts the same way.
        foreach (var (infoHash, counts) in swarms.OrderBy(swarm => swarm.Key.ToString(), StringComparer.Ordinal))
        {
            infoHash.CopyTo(key);
            writer.WriteKey(key);
            writer.WriteDictionaryStart();
            writer.WriteInteger("complete"u8, counts.Seeders);
            writer.WriteInteger("downloaded"u8, counts.Completed);
            writer.WriteInteger("incomplete"u8, counts.Leechers);
            writer.WriteEnd();
        }

        writer.WriteEnd();
        writer.WriteEnd();
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteCompact(BencodeWriter writer, IReadOnlyList<TrackedPeer> peers)
    {
        var v4 = new ArrayBufferWriter<byte>();
        var v6 = new ArrayBufferWriter<byte>();
        foreach (var peer in peers)
        {
            CompactPeers.Write(peer.EndPoint, peer.EndPoint.AddressFamily == AddressFamily.InterNetwork ? v4 : v6);
        }

        writer.WriteBytes("peers"u8, v4.WrittenSpan);
        if (v6.WrittenCount > 0)
        {
            writer.WriteBytes("peers6"u8, v6.WrittenSpan);
        }
    }

    private static void WriteList(BencodeWriter writer, IReadOnlyList<TrackedPeer> peers, bool omitsPeerIds)
    {
        Span<byte> id = stackalloc byte[PeerId.Size];
        writer.WriteKey("peers"u8);
        writer.WriteListStart();
        foreach (var peer in peers)
        {
            writer.WriteDictionaryStart();
            writer.WriteText("ip"u8, peer.EndPoint.Address.ToString());
            if (!omitsPeerIds)
            {
                peer.PeerId.CopyTo(id);
                writer.WriteBytes("peer id"u8, id);
            }

            writer.WriteInteger("port"u8, peer.EndPoint.Port);
            writer.WriteEnd();
        }

        writer.WriteEnd();
    }
}
