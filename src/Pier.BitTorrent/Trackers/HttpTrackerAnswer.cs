using System.Net;
using System.Text;
using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Trackers;

/// <summary>Reads the bencoded answers of HTTP trackers (BEP 3, 7, 23, 24, 31, 48).</summary>
internal static class HttpTrackerAnswer
{
    /// <exception cref="TrackerException">A refusal, or not a tracker's answer.</exception>
    public static AnnounceAnswer ReadAnnounce(string tracker, ReadOnlySpan<byte> body)
    {
        var fields = Read(tracker, body);
        return new AnnounceAnswer
        {
            Interval = TrackerBounds.Interval(fields.Interval),
            MinInterval = TrackerBounds.MinInterval(fields.MinInterval),
            Peers = fields.Peers,
            Seeders = TrackerBounds.Count(fields.Complete),
            Leechers = TrackerBounds.Count(fields.Incomplete),
            Warning = fields.Warning,
            TrackerId = fields.TrackerId,
            ExternalAddress = fields.ExternalAddress,
        };
    }

    /// <exception cref="TrackerException">A refusal, or not a tracker's answer.</exception>
    public static IReadOnlyDictionary<InfoHash, SwarmCounts> ReadScrape(string tracker, ReadOnlySpan<byte> body) =>
        Read(tracker, body).Swarms;

    private static Fields Read(string tracker, ReadOnlySpan<byte> body)
    {
        if (body.TrimStart(" \t\r\n"u8).StartsWith("<"u8))
        {
            throw new TrackerException(tracker, "it answered with a web page instead of bencoding; is this the announce address?");
        }

        var fields = new Fields();
        try
        {
            var reader = new BencodeReader(body, BencodeKeyOrder.Tolerant);
            reader.EnterDictionary();
            while (reader.TryReadKey(out var key))
            {
                ReadField(ref reader, key, fields);
            }
        }
        catch (BencodeException error)
        {
            throw new TrackerException(tracker, $"its answer is not bencoding: {error.Message}", error);
        }

        if (fields.Problem is { } problem)
        {
            throw new TrackerException(tracker, problem);
        }

        return fields.Failure is null
            ? fields
            : throw new TrackerException(tracker, $"it refused: {fields.Failure}") { IsRefusal = true, RetryAfter = fields.RetryAfter };
    }

    private static void ReadField(ref BencodeReader reader, ReadOnlySpan<byte> key, Fields fields)
    {
        switch (key)
        {
            case var _ when key.SequenceEqual("failure reason"u8):
                fields.Failure = TrackerBounds.Message(reader.ReadBytes());
                break;
            case var _ when key.SequenceEqual("retry in"u8):
                fields.RetryAfter = RetryIn(ref reader);
                break;
            case var _ when key.SequenceEqual("warning message"u8):
                fields.Warning = TrackerBounds.Message(reader.ReadBytes());
                break;
            case var _ when key.SequenceEqual("interval"u8):
                fields.Interval = reader.ReadInteger();
                break;
            case var _ when key.SequenceEqual("min interval"u8):
                fields.MinInterval = reader.ReadInteger();
                break;
            case var _ when key.SequenceEqual("tracker id"u8):
                fields.TrackerId = reader.ReadBytes().ToArray();
                break;
            case var _ when key.SequenceEqual("complete"u8):
                fields.Complete = reader.ReadInteger();
                break;
            case var _ when key.SequenceEqual("incomplete"u8):
                fields.Incomplete = reader.ReadInteger();
                break;
            case var _ when key.SequenceEqual("external ip"u8):
                fields.ExternalAddress = reader.ReadBytes() is { Length: 4 or 16 } address ? new IPAddress(address) : null;
                break;
            case var _ when key.SequenceEqual("peers"u8):
                ReadPeers(ref reader, CompactPeers.V4Size, fields);
                break;
            case var _ when key.SequenceEqual("peers6"u8):
                ReadPeers(ref reader, CompactPeers.V6Size, fields);
                break;
            case var _ when key.SequenceEqual("files"u8):
                ScrapeFiles.Read(ref reader, fields.Swarms);
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private static void ReadPeers(ref BencodeReader reader, int peerSize, Fields fields)
    {
        if (reader.PeekKind() == BencodeKind.List)
        {
            PeerDictionaries.Read(ref reader, fields.Peers);
        }
        else if (reader.ReadBytes() is var bytes && !CompactPeers.TryRead(bytes, peerSize, fields.Peers, TrackerBounds.MaxPeers))
        {
            fields.Problem = $"{bytes.Length} bytes of peers are not a whole number of {peerSize}-byte addresses";
        }
    }

    // BEP 31: minutes, or the word never.
    private static TimeSpan? RetryIn(ref BencodeReader reader)
    {
        switch (reader.PeekKind())
        {
            case BencodeKind.Integer:
                return TimeSpan.FromMinutes(Math.Clamp(reader.ReadInteger(), 1, 24 * 60));
            case BencodeKind.Bytes:
                return reader.ReadBytes().SequenceEqual("never"u8) ? Timeout.InfiniteTimeSpan : null;
            default:
                reader.Skip();
                return null;
        }
    }

    private sealed class Fields
    {
        public string? Failure { get; set; }

        public string? Problem { get; set; }

        public TimeSpan? RetryAfter { get; set; }

        public string? Warning { get; set; }

        public long? Interval { get; set; }

        public long? MinInterval { get; set; }

        public ReadOnlyMemory<byte> TrackerId { get; set; }

        public long? Complete { get; set; }

        public long? Incomplete { get; set; }

        public IPAddress? ExternalAddress { get; set; }

        public List<IPEndPoint> Peers { get; } = [];

        public Dictionary<InfoHash, SwarmCounts> Swarms { get; } = [];
    }
}
