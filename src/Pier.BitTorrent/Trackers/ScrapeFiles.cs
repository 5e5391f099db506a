using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Trackers;

/// <summary>Reads the <c>files</c> dictionary of a scrape answer (BEP 48).</summary>
internal static class ScrapeFiles
{
    public static void Read(ref BencodeReader reader, Dictionary<InfoHash, SwarmCounts> swarms)
    {
        reader.EnterDictionary();
        while (reader.TryReadKey(out var key))
        {
            if (key.Length == InfoHash.Size)
            {
                swarms[new InfoHash(key)] = ReadCounts(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static SwarmCounts ReadCounts(ref BencodeReader reader)
    {
        var counts = default(SwarmCounts);
        reader.EnterDictionary();
        while (reader.TryReadKey(out var key))
        {
            if (key.SequenceEqual("complete"u8))
            {
                counts = counts with { Seeders = Count(ref reader) };
            }
            else if (key.SequenceEqual("downloaded"u8))
            {
                counts = counts with { Completed = Count(ref reader) };
            }
            else if (key.SequenceEqual("incomplete"u8))
            {
                counts = counts with { Leechers = Count(ref reader) };
            }
            else
            {
                reader.Skip();
            }
        }

        return counts;
    }

    private static int Count(ref BencodeReader reader) => TrackerBounds.Count(reader.ReadInteger())!.Value;
}
