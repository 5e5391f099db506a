using System.Buffers;
using System.Net;
using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Tracking;

/// <summary>Writes our tracker's HTTP answers (BEP 3, 7, 23, 24, 31, 48).</summary>
internal static class TrackerAnswerWriter
{
    // The keys and numbers of an announce's answer, without its peers.
    private const int InitialSize = 192;

    public static byte[] Failure(TrackerRefusal refusal)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new BencodeWriter(buffer);
        writer.WriteDictionaryStart();
        writer.WriteText("failure reason"u8, refusal.Reason);
        if (refusal.RetryIn == Timeout.InfiniteTimeSpan)
        {
            writer.WriteText("retry in"u8, "never");
        }
        else if (refusal.RetryIn is { } wait)
        {
            writer.WriteInteger("retry in"u8, (long)Math.Ceiling(wait.TotalMinutes));
        }

        writer.WriteEnd();
        return buffer.WrittenSpan.ToArray();
    }

    public static byte[] Announce(
        SwarmCounts counts, ReadOnlySpan<TrackedPeer> peers, SwarmRegistryOptions options, IPAddress remote, TrackerQuery query)
    {
        var buffer = new ArrayBufferWriter<byte>(InitialSize + peers.Length * CompactPeers.V6Size);
        var writer = new BencodeWriter(buffer);
        writer.WriteDictionaryStart();
        writer.WriteInteger("complete"u8, counts.Seeders);
        writer.WriteBytes("external ip"u8, remote.GetAddressBytes());
        writer.WriteInteger("incomplete"u8, counts.Leechers);
        writer.WriteInteger("interval"u8, (long)options.Interval.TotalSeconds);
        writer.WriteInteger("min interval"u8, (long)options.MinInterval.TotalSeconds);
        if (query.IsCompact)
        {
            WriteCompact(writer, peers);
        }
        else
        {
            WriteList(writer, peers, query.OmitsPeerIds);
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

    private static void WriteCompact(BencodeWriter writer, ReadOnlySpan<TrackedPeer> peers)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(peers.Length * CompactPeers.V6Size);
        writer.WriteBytes("peers"u8, Compact(peers, isV4: true, bytes));
        var v6 = Compact(peers, isV4: false, bytes);
        if (!v6.IsEmpty)
        {
            writer.WriteBytes("peers6"u8, v6);
        }

        ArrayPool<byte>.Shared.Return(bytes);
    }

    private static ReadOnlySpan<byte> Compact(ReadOnlySpan<TrackedPeer> peers, bool isV4, Span<byte> bytes)
    {
        var length = 0;
        foreach (var peer in peers)
        {
            if (peer.Address.IsV4 == isV4)
            {
                peer.Address.WriteCompact(bytes[length..]);
                length += peer.Address.CompactSize;
            }
        }

        return bytes[..length];
    }

    private static void WriteList(BencodeWriter writer, ReadOnlySpan<TrackedPeer> peers, bool omitsPeerIds)
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

            writer.WriteInteger("port"u8, peer.Address.Port);
            writer.WriteEnd();
        }

        writer.WriteEnd();
    }
}
